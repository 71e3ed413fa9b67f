// Fence builder: quotes for a line of fence, section by section, from the price book and the lie of the land.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

var (
	quotesTotal = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "fence_quotes_total", Help: "Quotes by outcome.",
	}, []string{"outcome"})
	quoteSeconds = promauto.NewHistogram(prometheus.HistogramOpts{
		Name: "fence_quote_seconds", Help: "Time to work out a quote.", Buckets: prometheus.DefBuckets,
	})
	sectionCost = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "fence_section_cost", Help: "Cost of the sections of a quote, in the parts they are made of.",
		Buckets: prometheus.ExponentialBuckets(10, 1.8, 12),
	}, []string{"quote", "section", "part"})
)

type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

type Enquiry struct {
	Customer string  `json:"customer"`
	Style    string  `json:"style"`
	Height   int     `json:"height"`
	Line     []Point `json:"line"`
}

type Style struct {
	PanelWidth, PanelPrice, PostPrice, MetreWork float64
}

var priceBook = map[string]Style{
	"larch":   {1.80, 74.5, 23.9, 21},
	"wattle":  {1.60, 92.0, 19.5, 26},
	"wire":    {2.50, 31.8, 17.2, 12},
	"palings": {1.95, 66.0, 21.4, 19},
}

type Section struct {
	Length float64 `json:"length"`
	Slope  float64 `json:"slope"`
	Panels int     `json:"panels"`
	Posts  int     `json:"posts"`
	Wood   float64 `json:"wood"`
	Ground float64 `json:"ground"`
	Work   float64 `json:"work"`
}

type Quote struct {
	Number   string    `json:"number"`
	Sections []Section `json:"sections"`
	Total    float64   `json:"total"`
	Valid    string    `json:"valid_until"`
}

// Terrain is the county's height model as a sum of waves over a grid.
type Terrain struct {
	waves [][4]float64
}

func newTerrain() *Terrain {
	t := &Terrain{}
	for i := 1; i <= 24; i++ {
		f := float64(i)
		t.waves = append(t.waves, [4]float64{math.Cos(f * 1.7), math.Sin(f * 2.3), f * 0.9, 6 / (f + 1)})
	}
	return t
}

func (t *Terrain) height(p Point) (h float64) {
	for _, w := range t.waves {
		h += w[3] * math.Sin((p.X*w[0]+p.Y*w[1])/40*w[2])
	}
	return h
}

// profile is the climb along a section and how far the ground bends away from the straight line.
func (t *Terrain) profile(a, b Point) (climb, bend float64) {
	const steps = 420
	h0, h1 := t.height(a), t.height(b)
	for i := 1; i < steps; i++ {
		share := float64(i) / steps
		h := t.height(Point{a.X + (b.X-a.X)*share, a.Y + (b.Y-a.Y)*share})
		bend += math.Abs(h - (h0 + (h1-h0)*share))
	}
	return h1 - h0, bend / steps
}

type Builder struct {
	terrain *Terrain
	numbers atomic.Int64
}

func (b *Builder) section(s Style, height int, from, to Point) Section {
	length := math.Hypot(to.X-from.X, to.Y-from.Y)
	climb, bend := b.terrain.profile(from, to)
	panels := int(math.Ceil(length / s.PanelWidth))
	tall := float64(height) / 180
	return Section{
		Length: length, Slope: climb / length, Panels: panels, Posts: panels + 1,
		Wood:   (float64(panels)*s.PanelPrice + float64(panels+1)*s.PostPrice) * tall,
		Ground: 14*float64(panels+1) + 35*bend,
		Work:   length * s.MetreWork * (1 + math.Abs(climb/length)) * math.Sqrt(tall),
	}
}

func (b *Builder) Quote(e Enquiry) (*Quote, error) {
	style, ok := priceBook[e.Style]
	if !ok {
		return nil, fmt.Errorf("no style %q", e.Style)
	}
	if len(e.Line) < 2 || e.Height < 60 || e.Height > 250 {
		return nil, errors.New("line or height is not valid")
	}
	q := &Quote{
		Number: fmt.Sprintf("Q%s-%06d", time.Now().Format("0601"), b.numbers.Add(1)),
		Valid:  time.Now().AddDate(0, 1, 0).Format(time.DateOnly),
	}
	for i := 1; i < len(e.Line); i++ {
		s := b.section(style, e.Height, e.Line[i-1], e.Line[i])
		q.Sections = append(q.Sections, s)
		q.Total += s.Wood + s.Ground + s.Work
		no := strconv.Itoa(i)
		sectionCost.WithLabelValues(q.Number, no, "wood").Observe(s.Wood)
		sectionCost.WithLabelValues(q.Number, no, "ground").Observe(s.Ground)
		sectionCost.WithLabelValues(q.Number, no, "work").Observe(s.Work)
	}
	return q, nil
}

func (b *Builder) handleQuote(w http.ResponseWriter, r *http.Request) {
	defer prometheus.NewTimer(quoteSeconds).ObserveDuration()
	var e Enquiry
	if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
		quotesTotal.WithLabelValues("unreadable").Inc()
		http.Error(w, "bad enquiry", http.StatusBadRequest)
		return
	}
	q, err := b.Quote(e)
	if err != nil {
		quotesTotal.WithLabelValues("refused").Inc()
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	quotesTotal.WithLabelValues("made").Inc()
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(q); err != nil {
		log.Print(err)
	}
}

// Watch tells the office once in a while how the cost of sections is shared between wood, ground and work.
type Watch struct {
	every  time.Duration
	shares *prometheus.GaugeVec
}

func (w *Watch) run() {
	for range time.Tick(w.every) {
		if err := w.refresh(); err != nil {
			log.Printf("watch: %v", err)
		}
	}
}

func (w *Watch) refresh() error {
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		return err
	}
	sums, all := make(map[string]float64), 0.0
	for _, family := range families {
		if family.GetName() != "fence_section_cost" {
			continue
		}
		for _, m := range family.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "part" {
					sums[l.GetValue()] += m.GetHistogram().GetSampleSum()
				}
			}
			all += m.GetHistogram().GetSampleSum()
		}
	}
	for part, sum := range sums {
		w.shares.WithLabelValues(part).Set(sum / all)
	}
	return nil
}

func main() {
	b := &Builder{terrain: newTerrain()}
	watch := &Watch{every: 3 * time.Second, shares: promauto.NewGaugeVec(prometheus.GaugeOpts{
		Name: "fence_cost_share", Help: "Share of the parts in the cost of sections.",
	}, []string{"part"})}
	go watch.run()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /quotes", b.handleQuote)
	mux.Handle("GET /metrics", promhttp.Handler())
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
