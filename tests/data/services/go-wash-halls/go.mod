module wash-halls

go 1.25

require github.com/julienschmidt/httprouter v1.3.0
