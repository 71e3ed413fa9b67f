// Cross stitch: charts from pictures in the colours of a maker's threads, with what to buy for them.
package main

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"math"
	"math/rand"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sort"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type Chart struct {
	Width  int        `json:"width"`
	Height int        `json:"height"`
	Rows   []string   `json:"rows"`
	Key    []KeyEntry `json:"key"`
}

type KeyEntry struct {
	Symbol   string `json:"symbol"`
	Thread   Thread `json:"thread"`
	Stitches int    `json:"stitches"`
	Skeins   int    `json:"skeins"`
}

type Studio struct {
	pictures map[string]*image.RGBA
	threads  *Range
}

// shrink averages the picture down to the given number of stitches across.
func shrink(pic *image.RGBA, width int) *image.RGBA {
	b := pic.Bounds()
	height := b.Dy() * width / b.Dx()
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := 0; y < height; y++ {
		y0, y1 := y*b.Dy()/height, (y+1)*b.Dy()/height
		for x := 0; x < width; x++ {
			x0, x1 := x*b.Dx()/width, (x+1)*b.Dx()/width
			var red, green, blue, n int
			for py := y0; py < y1; py++ {
				for px := x0; px < x1; px++ {
					c := pic.RGBAAt(px, py)
					red, green, blue, n = red+int(c.R), green+int(c.G), blue+int(c.B), n+1
				}
			}
			out.SetRGBA(x, y, color.RGBA{uint8(red / n), uint8(green / n), uint8(blue / n), 255})
		}
	}
	return out
}

const symbols = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-*/=<>%&@#"

func symbolOf(i int) rune {
	if i < len(symbols) {
		return rune(symbols[i])
	}
	return rune(0x2460 + i - len(symbols))
}

func (s *Studio) draft(pic *image.RGBA, width int) *Chart {
	small := shrink(pic, width)
	c := &Chart{Width: width, Height: small.Bounds().Dy()}
	used := map[int]*KeyEntry{}
	for y := 0; y < c.Height; y++ {
		row := make([]rune, width)
		for x := 0; x < width; x++ {
			thread := s.threads.Nearest(small.RGBAAt(x, y))
			entry, ok := used[thread]
			if !ok {
				entry = &KeyEntry{Symbol: string(symbolOf(len(used))), Thread: s.threads.Threads[thread]}
				used[thread] = entry
			}
			entry.Stitches++
			row[x] = []rune(entry.Symbol)[0]
		}
		c.Rows = append(c.Rows, string(row))
	}
	for _, entry := range used {
		entry.Skeins = int(math.Ceil(float64(entry.Stitches) / 1800))
		c.Key = append(c.Key, *entry)
	}
	sort.Slice(c.Key, func(i, j int) bool { return c.Key[i].Stitches > c.Key[j].Stitches })
	return c
}

func (s *Studio) picture(w http.ResponseWriter, r *http.Request) *image.RGBA {
	pic, ok := s.pictures[chi.URLParam(r, "picture")]
	if !ok {
		http.NotFound(w, r)
		return nil
	}
	return pic
}

func (s *Studio) chart(w http.ResponseWriter, r *http.Request) {
	pic := s.picture(w, r)
	if pic == nil {
		return
	}
	width, err := strconv.Atoi(r.URL.Query().Get("width"))
	if err != nil || width < 10 || width > 120 {
		http.Error(w, "width must be 10 to 120 stitches", http.StatusBadRequest)
		return
	}
	reply(w, s.draft(pic, width))
}

func (s *Studio) preview(w http.ResponseWriter, r *http.Request) {
	if pic := s.picture(w, r); pic != nil {
		w.Header().Set("Content-Type", "image/png")
		png.Encode(w, shrink(pic, 80))
	}
}

func (s *Studio) skeins(w http.ResponseWriter, r *http.Request) {
	reply(w, map[string]any{"maker": s.threads.Maker, "threads": s.threads.Threads})
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

func paint(seed int64) *image.RGBA {
	rnd := rand.New(rand.NewSource(seed))
	pic := image.NewRGBA(image.Rect(0, 0, 320, 240))
	var w [9]float64
	for i := range w {
		w[i] = 0.01 + rnd.Float64()*0.05
	}
	wave := func(a, b, x, y float64) uint8 { return uint8(127 + 100*math.Sin(a*x+1)*math.Cos(b*y) + rnd.Float64()*28) }
	for y := 0; y < 240; y++ {
		for x := 0; x < 320; x++ {
			fx, fy := float64(x), float64(y)
			pic.SetRGBA(x, y, color.RGBA{wave(w[0], w[1], fx, fy), wave(w[2], w[3], fx, fy), wave(w[4], w[5], fx, fy), 255})
		}
	}
	return pic
}

func main() {
	s := &Studio{threads: newRange(), pictures: map[string]*image.RGBA{}}
	for i, name := range []string{"harbour", "finches", "orangery"} {
		s.pictures[name] = paint(int64(i + 1))
	}
	r := chi.NewRouter()
	r.Use(middleware.Recoverer, middleware.RequestID)
	r.Get("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	r.Get("/threads", s.skeins)
	r.Route("/pictures/{picture}", func(r chi.Router) {
		r.Get("/chart", s.chart)
		r.Get("/preview.png", s.preview)
	})
	r.Mount("/debug", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
