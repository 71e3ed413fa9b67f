module visa-photos

go 1.26.8
