// Maps: how bright the slopes of a piece of ground are.
package main

import (
	"fmt"
	"log"
	"math"
	"net/http"
	"os"
)

type grid struct {
	side int
	h    []float64
}

func newGrid(side int) *grid {
	g := &grid{side: side, h: make([]float64, side*side)}
	for i := range g.h {
		x, y := float64(i%side)/40, float64(i/side)/55
		g.h[i] = 300*math.Sin(x)*math.Cos(y) + 80*math.Sin(x*y/9)
	}
	return g
}

// shade is how bright a point of the ground is, the sun at an azimuth.
func (g *grid) shade(x, y int, azimuth float64) float64 {
	at := y*g.side + x
	dx := (g.h[at+1] - g.h[at-1]) / 60
	dy := (g.h[at+g.side] - g.h[at-g.side]) / 60
	slope := math.Pi/2 - math.Atan(math.Hypot(dx, dy))
	aspect := math.Atan2(-dx, dy)
	return math.Sin(0.7)*math.Sin(slope) + math.Cos(0.7)*math.Cos(slope)*math.Cos(azimuth-math.Pi/2-aspect)
}

func relief(w http.ResponseWriter, r *http.Request) {
	counts := make([]int, 16)
	for y := 1; y < ground.side-1; y++ {
		for x := 1; x < ground.side-1; x++ {
			counts[int((ground.shade(x, y, 5.5)+1)*7.9)]++
		}
	}
	fmt.Fprintln(w, counts)
}

var ground = newGrid(1100)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/relief", relief)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
