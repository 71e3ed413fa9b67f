// Letters of the council, rendered by the print server.
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/semaphore"
)

type Printer struct {
	slots  *semaphore.Weighted
	server string
	client *http.Client
}

func (p *Printer) render(c *gin.Context) {
	ctx := c.Request.Context()
	if err := p.slots.Acquire(ctx, 1); err != nil {
		c.String(http.StatusServiceUnavailable, "busy")
		return
	}
	defer p.slots.Release(1)
	resp, err := p.client.Get(p.server + "/pdf?letter=" + c.Param("id"))
	if err != nil {
		c.String(http.StatusBadGateway, err.Error())
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	c.Data(http.StatusOK, "application/pdf", body)
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	p := &Printer{
		slots:  semaphore.NewWeighted(2),
		server: "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
		client: &http.Client{
			Timeout:   10 * time.Second,
			Transport: &http.Transport{MaxIdleConnsPerHost: 32},
		},
	}
	r := gin.New()
	r.Use(gin.Recovery())
	r.GET("/healthz", func(c *gin.Context) { c.String(200, "ok") })
	r.GET("/letters/:id", p.render)
	log.Fatal(r.Run("127.0.0.1:" + os.Getenv("PORT")))
}
