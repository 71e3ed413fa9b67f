module irrigation

go 1.24
