module tourbaggage

go 1.24
