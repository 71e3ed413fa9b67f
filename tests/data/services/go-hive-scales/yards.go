package main

import (
	"iter"
	"sync"
	"time"
)

const keep = 48

type Sample struct {
	At      time.Time `json:"at"`
	Grams   int       `json:"grams"`
	Celsius float64   `json:"celsius"`
}

type Hive struct {
	ID      int      `json:"id"`
	Yard    string   `json:"yard"`
	Samples []Sample `json:"samples"`
}

type Trend struct {
	Hive   int    `json:"hive"`
	Change int    `json:"change_grams"`
	Mean   int    `json:"mean_grams"`
	Advice string `json:"advice"`
}

// Yards is where the hives stand.
type Yards struct {
	mu    sync.RWMutex
	names []string
	hives map[int]*Hive
}

func NewYards(names []string, each int) *Yards {
	y := &Yards{names: names, hives: map[int]*Hive{}}
	for i := range names {
		for k := 0; k < each; k++ {
			id := 100*(i+1) + k
			y.hives[id] = &Hive{ID: id, Yard: names[i], Samples: []Sample{{At: time.Now(), Grams: 31000 + 170*k, Celsius: 18}}}
		}
	}
	return y
}

func (h *Hive) add(s Sample) {
	h.Samples = append(h.Samples, s)
	if len(h.Samples) > keep {
		h.Samples = append(h.Samples[:0], h.Samples[len(h.Samples)-keep:]...)
	}
}

func (h *Hive) trend() Trend {
	sum := 0
	for _, s := range h.Samples {
		sum += s.Grams
	}
	first, last := h.Samples[0], h.Samples[len(h.Samples)-1]
	t := Trend{Hive: h.ID, Change: last.Grams - first.Grams, Mean: sum / len(h.Samples), Advice: "none"}
	switch {
	case t.Change < -1500:
		t.Advice = "swarm or theft: go and look"
	case last.Grams < 16000:
		t.Advice = "feed"
	case t.Change > 6000:
		t.Advice = "add a super"
	}
	return t
}

// Record adds a sample to its hive and says how the hive does.
func (y *Yards) Record(id int, s Sample) (Trend, bool) {
	y.mu.Lock()
	defer y.mu.Unlock()
	h, ok := y.hives[id]
	if !ok {
		return Trend{}, false
	}
	h.add(s)
	return h.trend(), true
}

func (y *Yards) Hive(id int) (Hive, bool) {
	y.mu.RLock()
	defer y.mu.RUnlock()
	h, ok := y.hives[id]
	if !ok {
		return Hive{}, false
	}
	c := *h
	c.Samples = append([]Sample(nil), h.Samples...)
	return c, true
}

func (y *Yards) Total(yard string) (grams, hives int) {
	y.mu.RLock()
	defer y.mu.RUnlock()
	for _, h := range y.hives {
		if h.Yard == yard {
			grams += h.Samples[len(h.Samples)-1].Grams
			hives++
		}
	}
	return grams, hives
}

// Each goes through the yards with the newest sample of each hive, all as of one moment.
func (y *Yards) Each() iter.Seq2[string, map[int]Sample] {
	return func(yield func(string, map[int]Sample) bool) {
		y.mu.RLock()
		defer y.mu.RUnlock()
		for _, name := range y.names {
			newest := make(map[int]Sample)
			for id, h := range y.hives {
				if h.Yard == name {
					newest[id] = h.Samples[len(h.Samples)-1]
				}
			}
			if !yield(name, newest) {
				return
			}
		}
	}
}
