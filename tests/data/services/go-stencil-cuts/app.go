// Stencils for the laser cutter: lays a motif out on a sheet and gives back a picture to approve before it is cut.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"log"
	"math"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var palette = color.Palette{color.White, color.Gray{Y: 60}, color.RGBA{R: 190, G: 40, B: 30, A: 255}, color.RGBA{B: 160, A: 255}}

const (
	blank = iota
	cut
	bridge
	frame
)

type Motif struct {
	Name   string  `json:"name"`
	Petals int     `json:"petals"`
	Inner  float64 `json:"inner"`
	Twist  float64 `json:"twist"`
}

// covers tells whether a point of the unit disk is cut out.
func (m Motif) covers(x, y float64) bool {
	radius := math.Hypot(x, y)
	if radius < m.Inner || radius > 1 {
		return false
	}
	wave := math.Cos(float64(m.Petals) * (math.Atan2(y, x) + m.Twist*radius))
	return radius < 0.55+0.4*wave
}

// Proof is one sheet on its way from the request to the picture.
type Proof struct {
	id     int64
	motif  Motif
	sheet  *image.Paletted
	length int
	state  atomic.Int32
}

const (
	stateOpen = iota
	stateDone
	stateDropped
)

func (p *Proof) lay(copies int) {
	bounds := p.sheet.Bounds()
	cell := bounds.Dx() / copies
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			u := float64(x%cell)/float64(cell)*2 - 1
			v := float64(y%cell)/float64(cell)*2 - 1
			if p.motif.covers(u, v) {
				p.sheet.SetColorIndex(x, y, cut)
			}
		}
	}
}

// hold leaves bridges so that no island falls out, and draws the frame.
func (p *Proof) hold(every int) {
	bounds := p.sheet.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			edge := x < 4 || y < 4 || x >= bounds.Max.X-4 || y >= bounds.Max.Y-4
			switch at := p.sheet.ColorIndexAt(x, y); {
			case edge:
				p.sheet.SetColorIndex(x, y, frame)
			case at == cut && (x%every < 2 || y%every < 2):
				p.sheet.SetColorIndex(x, y, bridge)
			case at == cut && p.sheet.ColorIndexAt(x-1, y) == blank:
				p.length++
			}
		}
	}
}

func (p *Proof) encode() ([]byte, error) {
	var out bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&out, p.sheet); err != nil {
		return nil, err
	}
	p.state.CompareAndSwap(stateOpen, stateDone)
	return out.Bytes(), nil
}

// drop marks a proof that the service did not finish, for the log.
func (p *Proof) drop() {
	if p.state.CompareAndSwap(stateOpen, stateDropped) {
		log.Printf("proof %d of %s dropped", p.id, p.motif.Name)
	}
}

type Studio struct {
	running context.Context
	last    atomic.Int64
	motifs  sync.Map
}

var errMotif = errors.New("no such motif")

func (s *Studio) motif(name string) (Motif, error) {
	if m, ok := s.motifs.Load(name); ok {
		return m.(Motif), nil
	}
	return Motif{}, errMotif
}

// open begins a proof; one that is open when the service is told to end is reported as dropped.
func (s *Studio) open(m Motif, side int) *Proof {
	p := &Proof{id: s.last.Add(1), motif: m, sheet: image.NewPaletted(image.Rect(0, 0, side, side), palette)}
	context.AfterFunc(s.running, p.drop)
	return p
}

func (s *Studio) proof(ctx context.Context, m Motif, side, copies int) (*Proof, []byte, error) {
	p := s.open(m, side)
	for _, step := range []func(){func() { p.lay(copies) }, func() { p.hold(28) }} {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		step()
	}
	picture, err := p.encode()
	return p, picture, err
}

func number(r *http.Request, name string, def, max int) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil || n < 1 {
		return def
	}
	return min(n, max)
}

func (s *Studio) handleProof(w http.ResponseWriter, r *http.Request) {
	m, err := s.motif(r.PathValue("motif"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	p, picture, err := s.proof(ctx, m, number(r, "side", 420, 800), number(r, "copies", 2, 8))
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("X-Cut-Length", strconv.Itoa(p.length))
	_, _ = w.Write(picture)
}

func (s *Studio) handleMotif(w http.ResponseWriter, r *http.Request) {
	m, err := s.motif(r.PathValue("motif"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(m)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	s := &Studio{running: ctx}
	for _, m := range []Motif{{"daisy", 8, 0.12, 0}, {"swirl", 5, 0.2, 2.4}, {"clover", 4, 0.05, 0.3}} {
		s.motifs.Store(m.Name, m)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("pong\n")) })
	mux.HandleFunc("GET /motifs/{motif}", s.handleMotif)
	mux.HandleFunc("POST /motifs/{motif}/proofs", s.handleProof)
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: mux}
	go func() {
		<-ctx.Done()
		_ = server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
