module freight

go 1.24
