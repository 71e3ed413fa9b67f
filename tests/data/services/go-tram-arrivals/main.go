// Trams of a town: when the next ones come to a stop.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"net/http/pprof"
	"os"
	"sort"
	"strconv"
	"time"
)

type Stop struct {
	Name string  `json:"name"`
	At   float64 `json:"at"`
}

type Line struct {
	Number int     `json:"number"`
	Length float64 `json:"length"`
	Stops  []Stop  `json:"stops"`
}

type board struct {
	lines   map[int]Line
	feed    *Feed
	courses *Courses
}

func (b *board) line(w http.ResponseWriter, r *http.Request) (Line, bool) {
	n, _ := strconv.Atoi(r.PathValue("line"))
	l, ok := b.lines[n]
	if !ok {
		http.NotFound(w, r)
	}
	return l, ok
}

func (b *board) arrivals(w http.ResponseWriter, r *http.Request) {
	l, ok := b.line(w, r)
	if !ok {
		return
	}
	k, err := strconv.Atoi(r.PathValue("stop"))
	if err != nil || k < 0 || k >= len(l.Stops) {
		http.NotFound(w, r)
		return
	}
	select {
	case etas := <-watch(r.Context(), b.feed, l.Number, l.Stops[k].At, l.Length, b.courses):
		sort.Slice(etas, func(i, j int) bool { return etas[i].Seconds < etas[j].Seconds })
		if len(etas) > 5 {
			etas = etas[:5]
		}
		reply(w, map[string]any{"stop": l.Stops[k].Name, "next": etas})
	case <-time.After(3 * time.Second):
		http.Error(w, "no positions", http.StatusServiceUnavailable)
	}
}

func (b *board) stops(w http.ResponseWriter, r *http.Request) {
	if l, ok := b.line(w, r); ok {
		reply(w, l)
	}
}

func (b *board) speeds(w http.ResponseWriter, r *http.Request) {
	l, ok := b.line(w, r)
	if !ok {
		return
	}
	t := &track{line: l.Number, recent: b.courses.Of(l.Number)}
	speeds := make(map[int]float64)
	for tram := range t.recent {
		speeds[tram] = t.speed(tram)
	}
	reply(w, speeds)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

func makeLines() map[int]Line {
	lines := make(map[int]Line)
	for n := 1; n <= 9; n++ {
		l := Line{Number: n, Length: 7000 + float64(n)*450}
		for k := 0; k < 14+n; k++ {
			l.Stops = append(l.Stops, Stop{Name: "Stop " + strconv.Itoa(n*100+k), At: l.Length * float64(k) / float64(14+n)})
		}
		lines[n] = l
	}
	return lines
}

func main() {
	b := &board{lines: makeLines(), courses: &Courses{byLine: make(map[int]*track)}}
	lengths := make(map[int]float64)
	for n, l := range b.lines {
		lengths[n] = l.Length
		b.courses.byLine[n] = &track{line: n, recent: make(map[int][]Position)}
	}
	b.feed = NewFeed(lengths, 12)
	positions, _ := b.feed.Follow()
	go b.courses.Collect(positions)
	go b.feed.Run(12 * time.Millisecond)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /lines/{line}", b.stops)
	mux.HandleFunc("GET /lines/{line}/speeds", b.speeds)
	mux.HandleFunc("GET /lines/{line}/stops/{stop}/arrivals", b.arrivals)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { reply(w, map[string]string{"status": "ok"}) })
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
