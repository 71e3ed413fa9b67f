// Comic swap boxes: readers swap issues between boxes; what nobody fetches in time goes back to where it came from.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	boxCount  = 24
	patience  = 800 * time.Millisecond
	roundsGap = 100 * time.Millisecond
)

var series = []string{"Harbour Cats", "Moon Bakery", "Iron Postman", "The Long Tram", "Otter & Sons", "Lady Compass"}

type Issue struct {
	Series string `json:"series"`
	Number int    `json:"number"`
	Grade  int    `json:"grade"`
}

type Box struct {
	ID int

	mu     sync.Mutex
	issues []Issue
	value  int
}

type Swap struct {
	ID    int64     `json:"id"`
	From  int       `json:"from"`
	To    int       `json:"to"`
	Value int       `json:"value"`
	Given []Issue   `json:"given"`
	Got   []Issue   `json:"got"`
	Until time.Time `json:"until"`
}

var (
	errNoBox    = errors.New("no such box")
	errTooFew   = errors.New("not enough issues in the box")
	errOverfull = errors.New("box is full")
)

// appraise values a box's issues: a run of successive numbers is worth more.
func appraise(issues []Issue) int {
	sorted := slices.Clone(issues)
	slices.SortFunc(sorted, func(a, b Issue) int {
		if a.Series != b.Series {
			if a.Series < b.Series {
				return -1
			}
			return 1
		}
		return a.Number - b.Number
	})
	total, run := 0, 1
	for i, issue := range sorted {
		if i > 0 && sorted[i-1].Series == issue.Series && sorted[i-1].Number+1 == issue.Number {
			run++
		} else {
			run = 1
		}
		total += issue.Grade * (10 + run)
	}
	return total
}

// take removes n issues, those of the series first; the box is locked.
func (b *Box) take(series string, n int) ([]Issue, error) {
	if len(b.issues) < n {
		return nil, errTooFew
	}
	slices.SortStableFunc(b.issues, func(x, y Issue) int {
		switch {
		case x.Series == series && y.Series != series:
			return 1
		case x.Series != series && y.Series == series:
			return -1
		}
		return 0
	})
	cut := len(b.issues) - n
	taken := slices.Clone(b.issues[cut:])
	b.issues = b.issues[:cut]
	return taken, nil
}

// put adds issues; the box is locked.
func (b *Box) put(issues []Issue) {
	b.issues = append(b.issues, issues...)
	b.value = appraise(b.issues)
}

type Exchange struct {
	boxes map[int]*Box

	mu      sync.Mutex
	last    int64
	pending []Swap
}

func newExchange() *Exchange {
	e := &Exchange{boxes: map[int]*Box{}}
	rnd := rand.New(rand.NewPCG(7, 11))
	for id := 1; id <= boxCount; id++ {
		box := &Box{ID: id}
		for i := 0; i < 900; i++ {
			box.issues = append(box.issues, Issue{Series: series[rnd.IntN(len(series))], Number: 1 + rnd.IntN(400), Grade: 1 + rnd.IntN(9)})
		}
		box.value = appraise(box.issues)
		e.boxes[id] = box
	}
	return e
}

func (e *Exchange) partner(id int) *Box {
	for {
		if other := 1 + rand.IntN(boxCount); other != id {
			return e.boxes[other]
		}
	}
}

// Swap gives n issues of a box, best of that series, for as many from another.
func (e *Exchange) Swap(from, to *Box, series string, n int) (Swap, error) {
	from.mu.Lock()
	defer from.mu.Unlock()
	from.value = appraise(from.issues)
	to.mu.Lock()
	defer to.mu.Unlock()
	if len(to.issues) > 2000 {
		return Swap{}, errOverfull
	}
	given, err := from.take(series, n)
	if err != nil {
		return Swap{}, err
	}
	got, err := to.take("", n)
	if err != nil {
		from.put(given)
		return Swap{}, err
	}
	from.put(got)
	to.put(given)
	return e.book(Swap{From: from.ID, To: to.ID, Value: appraise(given), Given: given, Got: got, Until: time.Now().Add(patience)}), nil
}

func (e *Exchange) book(s Swap) Swap {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last++
	s.ID = e.last
	e.pending = append(e.pending, s)
	return s
}

func (e *Exchange) overdue(now time.Time) (due []Swap) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pending = slices.DeleteFunc(e.pending, func(s Swap) bool {
		if s.Until.Before(now) {
			due = append(due, s)
			return true
		}
		return false
	})
	return due
}

// returnOne undoes a swap that nobody has fetched.
func (e *Exchange) returnOne(s Swap) {
	holder, owner := e.boxes[s.To], e.boxes[s.From]
	holder.mu.Lock()
	defer holder.mu.Unlock()
	issues, err := holder.take(s.Given[0].Series, len(s.Given))
	if err != nil {
		return
	}
	holder.value = appraise(holder.issues)
	owner.mu.Lock()
	defer owner.mu.Unlock()
	back, err := owner.take("", len(issues))
	if err != nil {
		holder.put(issues)
		return
	}
	holder.put(back)
	owner.put(issues)
}

func (e *Exchange) returns() {
	for now := range time.Tick(roundsGap) {
		for _, s := range e.overdue(now) {
			e.returnOne(s)
		}
	}
}

func (e *Exchange) postSwap(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("box"))
	var wish struct {
		Series string `json:"series"`
		Issues int    `json:"issues"`
	}
	if err := json.NewDecoder(r.Body).Decode(&wish); err != nil || wish.Issues < 1 || wish.Issues > 10 {
		http.Error(w, "which series, how many (1 to 10)?", http.StatusBadRequest)
		return
	}
	from, ok := e.boxes[id]
	if !ok {
		http.Error(w, errNoBox.Error(), http.StatusNotFound)
		return
	}
	swap, err := e.Swap(from, e.partner(id), wish.Series, wish.Issues)
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	reply(w, http.StatusCreated, swap)
}

func (e *Exchange) getBox(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("box"))
	box, ok := e.boxes[id]
	if !ok {
		http.Error(w, errNoBox.Error(), http.StatusNotFound)
		return
	}
	box.mu.Lock()
	defer box.mu.Unlock()
	reply(w, http.StatusOK, map[string]int{"box": box.ID, "issues": len(box.issues), "value": box.value})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func main() {
	e := newExchange()
	go e.returns()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /boxes/{box}/swaps", e.postSwap)
	mux.HandleFunc("GET /boxes/{box}", e.getBox)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
