module club-roster

go 1.26.8
