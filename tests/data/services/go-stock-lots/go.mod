module stock-lots

go 1.26.8
