module cold-rooms

go 1.25
