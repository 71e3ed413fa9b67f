// Loading plans: boxes of an order are stacked on pallets by several methods, the best plan is offered.
package main

import (
	"crypto/rand"
	"log"
	"maps"
	mrand "math/rand"
	"net/http"
	_ "net/http/pprof"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/gin-gonic/gin"
)

type Box struct {
	ID      int     `json:"id"`
	W, D, H int     `json:"-"`
	Kilos   float64 `json:"kilos"`
}

type Spot struct {
	Box   *Box  `json:"box"`
	X, Y  int   `json:"-"`
	Layer int   `json:"layer"`
	Under *Spot `json:"-"`
}

type Pallet struct {
	Spots  []*Spot `json:"spots"`
	Height int     `json:"height_mm"`
	Kilos  float64 `json:"kilos"`
}

type Plan struct {
	Method  string    `json:"method"`
	Pallets []*Pallet `json:"pallets"`
	Waste   float64   `json:"waste"`
}

type method struct {
	name  string
	order func(a, b *Box) int
}

var methods = []method{
	{"footprint", func(a, b *Box) int { return b.W*b.D - a.W*a.D }},
	{"height", func(a, b *Box) int { return b.H - a.H }},
	{"weight", func(a, b *Box) int { return int(b.Kilos*10) - int(a.Kilos*10) }},
	{"volume", func(a, b *Box) int { return b.W*b.D*b.H - a.W*a.D*a.H }},
}

const (
	width, depth = 1200, 800
	tallest      = 1800
)

// stack fills pallet after pallet, layer upon layer, in the method's order.
func stack(m method, order []Box) *Plan {
	boxes := make([]*Box, len(order))
	for i := range order {
		b := order[i]
		boxes[i] = &b
	}
	slices.SortStableFunc(boxes, m.order)
	plan := &Plan{Method: m.name}
	p := &Pallet{}
	var x, y, row, layer, high int
	var below, last *Spot
	for _, b := range boxes {
		if x+b.W > width {
			x, y, row = 0, y+row, 0
		}
		if y+b.D > depth {
			x, y, row = 0, 0, 0
			p.Height, layer, high, below = p.Height+high, layer+1, 0, last
		}
		if p.Height+b.H > tallest {
			plan.Pallets = append(plan.Pallets, p)
			p, layer, high, below = &Pallet{}, 0, 0, nil
			x, y, row = 0, 0, 0
		}
		last = &Spot{Box: b, X: x, Y: y, Layer: layer, Under: below}
		p.Spots = append(p.Spots, last)
		p.Kilos += b.Kilos
		x, row, high = x+b.W, max(row, b.D), max(high, b.H)
	}
	p.Height += high
	plan.Pallets = append(plan.Pallets, p)
	var used float64
	for _, b := range boxes {
		used += float64(b.W*b.D) * float64(b.H)
	}
	plan.Waste = 1 - used/(float64(len(plan.Pallets))*width*depth*tallest)
	return plan
}

// Fleet tells those who watch it how much room the lorries of the day have left.
type Fleet struct {
	mu       sync.Mutex
	room     int
	next     int
	watchers map[int]func(room int)
}

func (f *Fleet) Watch(changed func(room int)) (stop func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	id := f.next
	f.watchers[id] = changed
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.watchers, id)
	}
}

// Take puts pallets on the day's lorries, or on those of the next day when there is no room.
func (f *Fleet) Take(pallets int) {
	f.mu.Lock()
	f.room -= pallets
	if f.room < 0 {
		f.room = 600
	}
	room := f.room
	told := slices.Collect(maps.Values(f.watchers))
	f.mu.Unlock()
	for _, changed := range told {
		changed(room)
	}
}

// Preview is an offer that a customer has open; its price follows the room that is left.
type Preview struct {
	ID    string
	Plan  *Plan
	price atomic.Int64
	stop  func()
}

func (v *Preview) reprice(room int) {
	var cents float64
	for _, pallet := range v.Plan.Pallets {
		cents += 1900
		for _, spot := range pallet.Spots {
			cents += spot.Box.Kilos * 4.2
			if spot.Under != nil && spot.Under.Box.Kilos < spot.Box.Kilos {
				cents += 6
			}
		}
	}
	if room < 120 {
		cents *= 1.15
	}
	v.price.Store(int64(cents))
}

type Planner struct {
	orders map[int][]Box
	fleet  *Fleet
	mu     sync.Mutex
	open   map[string]*Preview
}

// Plan returns the plan with the least waste.
func (p *Planner) Plan(order []Box) *Plan {
	var best *Plan
	for _, m := range methods {
		if plan := stack(m, order); best == nil || plan.Waste < best.Waste {
			best = plan
		}
	}
	return best
}

func (p *Planner) Preview(order []Box) *Preview {
	v := &Preview{ID: rand.Text(), Plan: p.Plan(order)}
	v.stop = p.fleet.Watch(v.reprice)
	p.mu.Lock()
	p.open[v.ID] = v
	p.mu.Unlock()
	p.fleet.Take(len(v.Plan.Pallets))
	return v
}

func (p *Planner) Confirm(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.open[id]
	if v == nil {
		return false
	}
	v.stop()
	delete(p.open, id)
	return true
}

func (p *Planner) preview(c *gin.Context) {
	id, _ := strconv.Atoi(c.Param("id"))
	order := p.orders[id]
	if order == nil {
		c.JSON(http.StatusNotFound, gin.H{"error": "no such order"})
		return
	}
	v := p.Preview(order)
	c.JSON(http.StatusOK, gin.H{"preview": v.ID, "method": v.Plan.Method, "pallets": len(v.Plan.Pallets), "waste": v.Plan.Waste, "cents": v.price.Load()})
}

func (p *Planner) confirm(c *gin.Context) {
	if !p.Confirm(c.Param("preview")) {
		c.JSON(http.StatusNotFound, gin.H{"error": "no such preview"})
		return
	}
	c.Status(http.StatusNoContent)
}

func (p *Planner) boxes(c *gin.Context) {
	id, _ := strconv.Atoi(c.Param("id"))
	c.JSON(http.StatusOK, p.orders[id])
}

func newPlanner() *Planner {
	p := &Planner{orders: map[int][]Box{}, open: map[string]*Preview{}, fleet: &Fleet{room: 600, watchers: map[int]func(int){}}}
	rnd := mrand.New(mrand.NewSource(17))
	for id := 500; id < 540; id++ {
		for i := 0; i < 450+id%7*100; i++ {
			p.orders[id] = append(p.orders[id], Box{ID: i, W: 150 + 10*rnd.Intn(30), D: 120 + 10*rnd.Intn(20), H: 80 + 10*rnd.Intn(20), Kilos: 1 + rnd.Float64()*14})
		}
	}
	return p
}

func main() {
	p := newPlanner()
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.Recovery())
	r.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	r.GET("/orders/:id/boxes", p.boxes)
	r.POST("/orders/:id/previews", p.preview)
	r.POST("/previews/:preview/confirm", p.confirm)
	r.GET("/debug/pprof/*name", gin.WrapH(http.DefaultServeMux))

	log.Fatal(r.Run("127.0.0.1:" + os.Getenv("PORT")))
}
