module donor-register

go 1.26
