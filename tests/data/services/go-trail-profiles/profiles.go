package main

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// Point of a trail: how far it is from the start and how high.
type Point struct {
	Meters float64 `json:"m"`
	Height float64 `json:"h"`
}

type Profile []Point

func (p Profile) Climb() (up, down float64) {
	for i := 1; i < len(p); i++ {
		if d := p[i].Height - p[i-1].Height; d > 0 {
			up += d
		} else {
			down -= d
		}
	}
	return up, down
}

func (p Profile) Length() float64 {
	if len(p) == 0 {
		return 0
	}
	return p[len(p)-1].Meters
}

// Hours by the rule of the alpine clubs: 4 km, 300 m up or 500 m down an hour, the lesser part halved.
func (p Profile) Hours() float64 {
	up, down := p.Climb()
	flat, steep := p.Length()/4000, up/300+down/500
	return math.Max(flat, steep) + math.Min(flat, steep)/2
}

// Archive is the folder with the surveyed profiles.
type Archive struct{ dir string }

func (a Archive) file(trail string) string { return filepath.Join(a.dir, trail+".csv.gz") }

func (a Archive) Read(trail string) (Profile, error) {
	f, err := os.Open(a.file(trail))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return nil, err
	}
	rows := csv.NewReader(unzipped)
	rows.ReuseRecord = true
	var p Profile
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return p, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", trail, err)
		}
		m, _ := strconv.ParseFloat(row[0], 64)
		h, err := strconv.ParseFloat(row[1], 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", trail, err)
		}
		p = append(p, Point{m, h})
	}
}

// Survey writes a made-up profile, as the import from the survey office would.
func (a Archive) Survey(trail string, seed int64, points int) error {
	f, err := os.Create(a.file(trail))
	if err != nil {
		return err
	}
	defer f.Close()
	z := gzip.NewWriter(f)
	rnd := rand.New(rand.NewSource(seed))
	height, slope, meters := 600+rnd.Float64()*900, 0.0, 0.0
	for i := 0; i < points; i++ {
		fmt.Fprintf(z, "%.1f,%.2f\n", meters, height)
		slope = slope*0.95 + rnd.NormFloat64()*0.02
		step := 6 + rnd.Float64()*4
		meters += step
		height += slope * step
	}
	return z.Close()
}

// Profiles are the profiles that were read last.
type Profiles struct {
	archive Archive
	limit   int

	mu     sync.RWMutex
	byName map[string]Profile
	recent []string // the least recently used first
}

func NewProfiles(a Archive, limit int) *Profiles {
	return &Profiles{archive: a, limit: limit, byName: make(map[string]Profile)}
}

func (c *Profiles) touch(name string) {
	for i, n := range c.recent {
		if n == name {
			c.recent = append(append(c.recent[:i:i], c.recent[i+1:]...), name)
			return
		}
	}
	c.recent = append(c.recent, name)
}

func (c *Profiles) lookup(name string) (Profile, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.byName[name]
	if ok {
		c.touch(name)
	}
	return p, ok
}

func (c *Profiles) store(name string, p Profile) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.byName) >= c.limit && len(c.recent) > 0 {
		delete(c.byName, c.recent[0])
		c.recent = c.recent[1:]
	}
	c.byName[name] = p
	c.touch(name)
}

func (c *Profiles) Of(trail Trail) (Profile, error) {
	name := trail.Region + "-" + strconv.Itoa(trail.Number)
	if p, ok := c.lookup(name); ok {
		return p, nil
	}
	p, err := c.archive.Read(name)
	if err != nil {
		return nil, err
	}
	c.store(name, p)
	return p, nil
}
