module example.com/choir-seats

go 1.26.8

require golang.org/x/sync v0.16.0
