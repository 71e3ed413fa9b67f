module ferry-tariff

go 1.26.8
