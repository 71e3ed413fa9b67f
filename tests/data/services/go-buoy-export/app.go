// Weather buoys: what they measured last, and the hourly series that the forecasters take every few minutes.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"log"
	"math"
	"math/rand"
	"net/http"
	"os"
	"sort"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"
)

const (
	buoys  = 90
	depth  = 48
	metres = "m"
)

type Reading struct {
	At    int64
	Wave  float64
	Wind  float64
	Water float64
}

type Buoy struct {
	ID       string
	Lat, Lon float64
	Series   []Reading
}

// Fleet is what all buoys have sent; a listener adds to it several times a second.
type Fleet struct {
	mu    sync.RWMutex
	buoys map[string]*Buoy
	ids   []string
}

func (f *Fleet) Add(id string, r Reading) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.buoys[id]
	copy(b.Series, b.Series[1:])
	b.Series[len(b.Series)-1] = r
}

func (f *Fleet) Series(id string) (Buoy, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	b, ok := f.buoys[id]
	if !ok {
		return Buoy{}, false
	}
	c := *b
	c.Series = append([]Reading(nil), b.Series...)
	return c, true
}

func wave(rnd *rand.Rand, hour int) Reading {
	swell := 1.4 + math.Sin(float64(hour)/9)*0.6
	return Reading{
		At:   int64(1_750_000_000 + hour*3600),
		Wave: swell + rnd.Float64()*0.3, Wind: 7 + rnd.NormFloat64()*2, Water: 11 + math.Cos(float64(hour)/40),
	}
}

// listen stands for the radio link.
func (f *Fleet) listen(ctx context.Context, every time.Duration) {
	rnd := rand.New(rand.NewSource(3))
	tick := time.NewTicker(every)
	defer tick.Stop()
	for hour := depth; ; hour++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f.Add(f.ids[rnd.Intn(len(f.ids))], wave(rnd, hour))
		}
	}
}

// Corrections are the sensor offsets that the workshop publishes; they are kept for a while per buoy.
type Corrections struct {
	base   string
	client *http.Client
	ttl    time.Duration
	mu     sync.Mutex
	known  map[string]offset
}

type offset struct {
	Wave  float64 `json:"wave"`
	Water float64 `json:"water"`
	until time.Time
}

func (c *Corrections) fetch(id string) (o offset, err error) {
	resp, err := c.client.Get(c.base + "/offsets/" + id)
	if err != nil {
		return o, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return o, fmt.Errorf("workshop: %s", resp.Status)
	}
	err = json.NewDecoder(resp.Body).Decode(&o)
	o.until = time.Now().Add(c.ttl)
	return o, err
}

func (c *Corrections) Of(id string) (offset, error) {
	c.mu.Lock()
	o, ok := c.known[id]
	c.mu.Unlock()
	if ok && time.Now().Before(o.until) {
		return o, nil
	}
	o, err := c.fetch(id)
	if err != nil {
		return o, err
	}
	c.mu.Lock()
	c.known[id] = o
	c.mu.Unlock()
	return o, nil
}

func (c *Corrections) warm(ids []string) {
	for _, id := range ids {
		if _, err := c.Of(id); err != nil {
			log.Printf("offset of %s: %v", id, err)
		}
	}
}

var lines = sync.Pool{New: func() any { b := make([]byte, 0, 256); return &b }}

func appendRow(b []byte, id string, r Reading, o offset) []byte {
	b = append(b, id...)
	b = append(b, ',')
	b = strconv.AppendInt(b, r.At, 10)
	for _, v := range [...]float64{r.Wave + o.Wave, r.Wind, r.Water + o.Water} {
		b = append(b, ',')
		b = strconv.AppendFloat(b, v, 'f', 2, 64)
	}
	return append(b, '\n')
}

type api struct {
	fleet   *Fleet
	offsets *Corrections
}

func (a *api) export(c *fiber.Ctx) error {
	digest := fnv.New64a()
	c.Set(fiber.HeaderContentType, "text/csv")
	out := bufio.NewWriterSize(c.Response().BodyWriter(), 32<<10)
	fmt.Fprintf(out, "buoy,at,wave_%s,wind,water\n", metres)
	line := lines.Get().(*[]byte)
	defer lines.Put(line)
	for _, id := range a.fleet.ids {
		b, _ := a.fleet.Series(id)
		o, err := a.offsets.Of(id)
		if err != nil {
			return fiber.NewError(fiber.StatusBadGateway, err.Error())
		}
		for _, r := range b.Series {
			*line = appendRow((*line)[:0], id, r, o)
			_, _ = digest.Write(*line)
			if _, err := out.Write(*line); err != nil {
				return err
			}
		}
	}
	c.Set(fiber.HeaderETag, strconv.FormatUint(digest.Sum64(), 36))
	return out.Flush()
}

func (a *api) latest(c *fiber.Ctx) error {
	b, ok := a.fleet.Series(c.Params("id"))
	if !ok {
		return fiber.ErrNotFound
	}
	return c.JSON(fiber.Map{"id": b.ID, "lat": b.Lat, "lon": b.Lon, "last": b.Series[len(b.Series)-1]})
}

func newFleet() *Fleet {
	rnd := rand.New(rand.NewSource(8))
	f := &Fleet{buoys: make(map[string]*Buoy)}
	for i := 0; i < buoys; i++ {
		b := &Buoy{ID: fmt.Sprintf("NB%03d", i), Lat: 54 + rnd.Float64()*7, Lon: 2 + rnd.Float64()*6}
		for h := 0; h < depth; h++ {
			b.Series = append(b.Series, wave(rnd, h))
		}
		f.buoys[b.ID] = b
		f.ids = append(f.ids, b.ID)
	}
	sort.Strings(f.ids)
	return f
}

func main() {
	f := newFleet()
	offsets := &Corrections{
		base: "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"), client: &http.Client{Timeout: 2 * time.Second},
		ttl: 10 * time.Minute, known: make(map[string]offset),
	}
	offsets.warm(f.ids)
	go f.listen(context.Background(), 20*time.Millisecond)

	a := &api{fleet: f, offsets: offsets}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Use(recover.New())
	app.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok") })
	app.Get("/export.csv", a.export)
	app.Get("/buoys/:id", a.latest)
	log.Fatal(app.Listen("127.0.0.1:" + os.Getenv("PORT")))
}
