module meter-export

go 1.26.8
