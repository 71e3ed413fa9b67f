module customs

go 1.22

require github.com/gin-gonic/gin v1.10.1
