module spice-rates

go 1.26
