// Borehole logging: runs of a probe down a hole, recorded reading by reading, and the layers they suggest.
package main

import (
	"errors"
	"io/fs"
	"log"
	"math"
	"net/http"
	"net/http/pprof"
	"os"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

type upload struct {
	Probe    string    `json:"probe" binding:"required"`
	Operator string    `json:"operator" binding:"required,max=60"`
	Readings []Reading `json:"readings" binding:"required,min=1,max=5000,dive"`
}

type Layer struct {
	Top    float64 `json:"top"`
	Bottom float64 `json:"bottom"`
	Rock   string  `json:"rock"`
}

func rockOf(r Reading) string {
	switch {
	case r.Gamma > 95:
		return "shale"
	case r.Ohm > 60:
		return "limestone"
	case r.Gamma < 45 && r.Ohm < 20:
		return "wet sand"
	}
	return "siltstone"
}

// smooth takes the mean of three neighbours.
func smooth(readings []Reading) []Reading {
	out := make([]Reading, len(readings))
	for i := range readings {
		from, to := max(0, i-1), min(len(readings), i+2)
		var gamma, ohm float64
		for _, r := range readings[from:to] {
			gamma, ohm = gamma+r.Gamma, ohm+math.Log(r.Ohm+1)
		}
		n := float64(to - from)
		out[i] = Reading{readings[i].Depth, gamma / n, math.Exp(ohm/n) - 1}
	}
	return out
}

func layers(readings []Reading) []Layer {
	var out []Layer
	for _, r := range smooth(readings) {
		rock := rockOf(r)
		if n := len(out); n > 0 && out[n-1].Rock == rock {
			out[n-1].Bottom = r.Depth
			continue
		}
		out = append(out, Layer{r.Depth, r.Depth, rock})
	}
	return out
}

type Service struct{ recorder *Recorder }

func (s *Service) take(c *gin.Context) {
	var u upload
	if err := c.ShouldBindJSON(&u); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	head := Head{Hole: c.Param("hole"), Probe: u.Probe, Operator: u.Operator, At: time.Now().UTC()}
	run, err := s.recorder.Record(head, u.Readings)
	if err != nil {
		log.Print(err)
		c.JSON(http.StatusInternalServerError, gin.H{"error": "the run could not be kept"})
		return
	}
	c.JSON(http.StatusCreated, gin.H{"run": run, "readings": len(u.Readings), "layers": layers(u.Readings)})
}

func (s *Service) runs(c *gin.Context) {
	c.JSON(http.StatusOK, s.recorder.Runs(c.Param("hole")))
}

func (s *Service) run(c *gin.Context) {
	n, err := strconv.Atoi(c.Param("run"))
	if err != nil {
		c.Status(http.StatusNotFound)
		return
	}
	head, readings, err := s.recorder.Read(c.Param("hole"), n)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.Status(http.StatusNotFound)
	case err != nil:
		log.Print(err)
		c.Status(http.StatusInternalServerError)
	default:
		c.JSON(http.StatusOK, gin.H{"head": head, "readings": readings, "layers": layers(readings)})
	}
}

func main() {
	recorder, err := OpenRecorder("runs")
	if err != nil {
		log.Fatal(err)
	}
	s := &Service{recorder}
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.Recovery())
	r.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	holes := r.Group("/holes/:hole")
	holes.POST("/runs", s.take)
	holes.GET("/runs", s.runs)
	holes.GET("/runs/:run", s.run)
	debug := r.Group("/debug/pprof")
	debug.GET("/", gin.WrapF(pprof.Index))
	debug.GET("/profile", gin.WrapF(pprof.Profile))
	debug.GET("/trace", gin.WrapF(pprof.Trace))
	debug.GET("/:name", func(c *gin.Context) { pprof.Handler(c.Param("name")).ServeHTTP(c.Writer, c.Request) })
	log.Fatal(r.Run("127.0.0.1:" + os.Getenv("PORT")))
}
