// Ships at the pier, asked from the harbour office over a few kept connections.
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"
)

var client = &http.Client{
	Timeout:   2 * time.Second,
	Transport: &http.Transport{MaxConnsPerHost: 8, MaxIdleConnsPerHost: 8},
}

func ship(c *gin.Context) {
	resp, err := client.Get("http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT") + "/ships/" + c.Param("name"))
	if err != nil {
		c.String(502, err.Error())
		return
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	c.Data(200, "application/json", b)
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	for i := 0; i < 40; i++ {
		go func() {
			for range time.Tick(time.Second) {
			}
		}()
	}
	r := gin.New()
	r.GET("/healthz", func(c *gin.Context) { c.String(200, "ok") })
	r.GET("/ships/:name", ship)
	log.Fatal(r.Run("127.0.0.1:" + os.Getenv("PORT")))
}
