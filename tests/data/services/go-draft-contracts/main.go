// Draft contracts: fills a contract template for a tenant and hands back the draft's key figures.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"syscall"

	"github.com/gin-gonic/gin"
)

type input struct {
	Tenant string  `json:"tenant" binding:"required"`
	Flat   string  `json:"flat" binding:"required"`
	Rent   float64 `json:"rent" binding:"gt=0"`
	Months int     `json:"months" binding:"min=1,max=240"`
}

func (d *Desk) postDraft(c *gin.Context) {
	var in input
	if err := c.ShouldBindJSON(&in); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	draft, err := d.Prepare(in)
	if errors.Is(err, errNoTemplate) {
		c.JSON(http.StatusNotFound, gin.H{"error": err.Error()})
		return
	} else if err != nil {
		c.JSON(http.StatusServiceUnavailable, gin.H{"error": err.Error()})
		return
	}
	c.JSON(http.StatusOK, draft.Figures())
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	desk := NewDesk(ctx)

	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.Recovery())
	r.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	r.POST("/drafts", desk.postDraft)
	r.GET("/debug/pprof/", gin.WrapF(pprof.Index))
	for _, name := range []string{"heap", "goroutine", "allocs", "block", "mutex", "threadcreate"} {
		r.GET("/debug/pprof/"+name, gin.WrapH(pprof.Handler(name)))
	}
	r.GET("/debug/pprof/profile", gin.WrapF(pprof.Profile))
	r.GET("/debug/pprof/symbol", gin.WrapF(pprof.Symbol))
	r.GET("/debug/pprof/trace", gin.WrapF(pprof.Trace))
	r.GET("/debug/pprof/cmdline", gin.WrapF(pprof.Cmdline))

	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: r}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
