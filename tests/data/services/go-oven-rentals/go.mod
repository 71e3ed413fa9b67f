module example.com/ovens

go 1.22
