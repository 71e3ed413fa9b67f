module sluice-levels

go 1.26.8

require (
	github.com/julienschmidt/httprouter v1.3.0
	github.com/panjf2000/ants/v2 v2.12.1
)

require golang.org/x/sync v0.11.0 // indirect
