// Volunteer fire brigade: the board of call-outs, who is on the way, and what the pagers were told.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

type Crew struct {
	Name    string   `json:"name"`
	Pagers  []string `json:"pagers"`
	Station string   `json:"station"`
}

type CallOut struct {
	ID       int       `json:"id"`
	Kind     string    `json:"kind"`
	Place    string    `json:"place"`
	Level    int       `json:"level"`
	Crews    []string  `json:"crews"`
	RaisedAt time.Time `json:"raised_at"`
	Reached  int       `json:"reached"`
}

type page struct {
	callOut int
	crew    string
	text    string
}

// Board holds the call-outs of the day.
type Board struct {
	mu     sync.Mutex
	open   map[int]*CallOut
	order  []int
	lastID int
	crews  map[string]Crew
	pages  chan page
}

func NewBoard(crews []Crew) *Board {
	b := &Board{open: make(map[int]*CallOut), crews: make(map[string]Crew), pages: make(chan page, 32)}
	for _, c := range crews {
		b.crews[c.Name] = c
	}
	return b
}

// turnOut says which crews go: two for each level, beginning at the station that is nearest.
func (b *Board) turnOut(place string, level int) []string {
	names := make([]string, 0, len(b.crews))
	for name := range b.crews {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool { return far(b.crews[names[i]].Station, place) < far(b.crews[names[j]].Station, place) })
	return names[:min(len(names), 2*level)]
}

func far(station, place string) int {
	d := 0
	for i := range min(len(station), len(place)) {
		d += (int(station[i]) - int(place[i])) * (int(station[i]) - int(place[i]))
	}
	return d
}

// Raise puts a call-out on the board and pages its crews.
func (b *Board) Raise(kind, place string, level int) CallOut {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lastID++
	c := &CallOut{ID: b.lastID, Kind: kind, Place: place, Level: level, RaisedAt: time.Now(), Crews: b.turnOut(place, level)}
	b.open[c.ID] = c
	b.order = append(b.order, c.ID)
	if len(b.order) > 500 {
		delete(b.open, b.order[0])
		b.order = b.order[1:]
	}
	for _, crew := range c.Crews {
		b.pages <- page{callOut: c.ID, crew: crew, text: strings.ToUpper(kind) + " " + place}
	}
	return *c
}

func (b *Board) pagersOf(crew string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.crews[crew].Pagers
}

func (b *Board) reached(callOut, pagers int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c, ok := b.open[callOut]; ok {
		c.Reached += pagers
	}
}

func (b *Board) Get(id int) (CallOut, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, ok := b.open[id]
	if !ok {
		return CallOut{}, false
	}
	return *c, true
}

func (b *Board) Latest(n int) []CallOut {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []CallOut{}
	for i := len(b.order) - 1; i >= 0 && len(list) < n; i-- {
		list = append(list, *b.open[b.order[i]])
	}
	return list
}

// Pager writes what the transmitter sends, a frame for each pager.
type Pager struct {
	board *Board
	out   *os.File
}

func (p *Pager) send(pg page) int {
	pagers := p.board.pagersOf(pg.crew)
	for _, number := range pagers {
		fmt.Fprintf(p.out, "%s %s #%d %s\n", number, encode(pg.text), pg.callOut, pg.crew)
	}
	return len(pagers)
}

// encode packs seven bits a letter, as the pagers want it.
func encode(text string) string {
	var bits, count uint
	var sb strings.Builder
	for i := range len(text) {
		bits |= uint(text[i]&0x7f) << count
		for count += 7; count >= 8; count -= 8 {
			fmt.Fprintf(&sb, "%02x", bits&0xff)
			bits >>= 8
		}
	}
	return sb.String()
}

func (p *Pager) run() {
	for pg := range p.board.pages {
		p.board.reached(pg.callOut, p.send(pg))
	}
}

type API struct{ board *Board }

func (a *API) raise(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Kind, Place string
		Level       int
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Level < 1 || in.Level > 4 {
		http.Error(w, "bad call-out", http.StatusBadRequest)
		return
	}
	send(w, http.StatusCreated, a.board.Raise(in.Kind, in.Place, in.Level))
}

func (a *API) show(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("id"))
	c, ok := a.board.Get(id)
	if !ok {
		http.NotFound(w, r)
		return
	}
	send(w, http.StatusOK, c)
}

func (a *API) latest(w http.ResponseWriter, r *http.Request) {
	send(w, http.StatusOK, a.board.Latest(20))
}

func send(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

func crews() []Crew {
	var list []Crew
	for i, station := range []string{"Asch", "Birkau", "Dornfeld", "Eichen", "Furt"} {
		for n := 1; n <= 2; n++ {
			c := Crew{Name: fmt.Sprintf("%s %d", station, n), Station: station}
			for k := range 9 {
				c.Pagers = append(c.Pagers, fmt.Sprintf("%07d", 1200000+i*1000+n*100+k))
			}
			list = append(list, c)
		}
	}
	return list
}

func main() {
	out, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if name := os.Getenv("TRANSMITTER"); name != "" {
		out, err = os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	}
	if err != nil {
		log.Fatal(err)
	}
	board := NewBoard(crews())
	go (&Pager{board: board, out: out}).run()

	api := &API{board: board}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /callouts", api.raise)
	mux.HandleFunc("GET /callouts", api.latest)
	mux.HandleFunc("GET /callouts/{id}", api.show)
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
