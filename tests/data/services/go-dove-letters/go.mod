module example.com/doves

go 1.22
