module tram

go 1.24
