module orchidpedigrees

go 1.24
