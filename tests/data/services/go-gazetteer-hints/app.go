// Gazetteer of place names: hints while someone types, with the places that a name stands for.
package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/gorilla/mux"
)

type Config struct {
	Address   string
	Places    int
	GCPercent int
	Timeout   time.Duration
}

func configFromEnv() Config {
	cfg := Config{Address: "127.0.0.1:" + os.Getenv("PORT"), Places: 60_000, GCPercent: 5, Timeout: 20 * time.Second}
	if n, err := strconv.Atoi(os.Getenv("GAZETTEER_PLACES")); err == nil {
		cfg.Places = n
	}
	if n, err := strconv.Atoi(os.Getenv("GAZETTEER_GC_PERCENT")); err == nil {
		cfg.GCPercent = n
	}
	return cfg
}

type Place struct {
	ID      string
	Name    string
	County  string
	Kind    string
	People  int
	AltName []string
}

// node is a letter in the tree of names.
type node struct {
	next   map[rune]*node
	places []*Place
}

func (n *node) child(r rune, create bool) *node {
	c := n.next[r]
	if c == nil && create {
		if n.next == nil {
			n.next = make(map[rune]*node, 1)
		}
		c = &node{}
		n.next[r] = c
	}
	return c
}

// Gazetteer is the tree of all names, folded.
type Gazetteer struct {
	root   *node
	byID   map[string]*Place
	counts map[string]int
}

func newGazetteer() *Gazetteer {
	return &Gazetteer{root: &node{}, byID: make(map[string]*Place), counts: make(map[string]int)}
}

func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || r == ' ' {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

func (g *Gazetteer) Insert(p *Place) {
	for _, name := range append([]string{p.Name}, p.AltName...) {
		n := g.root
		for _, r := range fold(name) {
			n = n.child(r, true)
		}
		n.places = append(n.places, p)
	}
	g.byID[p.ID] = p
	g.counts[p.County]++
}

// Candidate is a place that may be meant.
type Candidate struct {
	Place *Place
	Words []string
	Score float64
}

func (g *Gazetteer) candidates(prefix string) []*Candidate {
	n := g.root
	for _, r := range fold(prefix) {
		if n = n.child(r, false); n == nil {
			return nil
		}
	}
	return collect(n, fold(prefix), nil)
}

func collect(n *node, path string, found []*Candidate) []*Candidate {
	for _, p := range n.places {
		words := strings.Fields(path)
		found = append(found, &Candidate{Place: p, Words: words, Score: score(p, words)})
	}
	for r, c := range n.next {
		found = collect(c, path+string(r), found)
	}
	return found
}

func score(p *Place, words []string) float64 {
	s := float64(p.People) / float64(2+len(words))
	if p.Kind == "town" {
		s *= 1.5
	}
	return s
}

type Hint struct {
	Label  string `json:"label"`
	ID     string `json:"id"`
	County string `json:"county"`
}

func (g *Gazetteer) Hints(prefix string, limit int) []Hint {
	found := g.candidates(prefix)
	sort.Slice(found, func(i, j int) bool {
		if found[i].Score != found[j].Score {
			return found[i].Score > found[j].Score
		}
		return found[i].Place.ID < found[j].Place.ID
	})
	hints, seen := make([]Hint, 0, limit), make(map[string]bool)
	for _, c := range found {
		if len(hints) == limit {
			break
		}
		if seen[c.Place.ID] {
			continue
		}
		seen[c.Place.ID] = true
		hints = append(hints, Hint{Label: c.Place.Name + ", " + c.Place.County, ID: c.Place.ID, County: c.Place.County})
	}
	return hints
}

func (g *Gazetteer) handleHints(w http.ResponseWriter, r *http.Request) {
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	if len(q) < 2 {
		http.Error(w, "at least two letters", http.StatusBadRequest)
		return
	}
	reply(w, map[string]any{"q": q, "hints": g.Hints(q, 12)})
}

func (g *Gazetteer) handlePlace(w http.ResponseWriter, r *http.Request) {
	p, ok := g.byID[mux.Vars(r)["id"]]
	if !ok {
		http.NotFound(w, r)
		return
	}
	reply(w, p)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		slog.Error("reply", "error", err)
	}
}

func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		next.ServeHTTP(w, r)
		if took := time.Since(begun); took > 3*time.Second {
			slog.Warn("slow", "path", r.URL.Path, "took", took)
		}
	})
}

func load(g *Gazetteer, n int) {
	rnd := rand.New(rand.NewSource(9))
	starts := strings.Fields("al bar cal dun el fen gar hol ing kil lan mor nor ox pen rad sal tam ul wes")
	middles := strings.Fields("der ling mer ton wick bor den ster min gar dale ham stow bury")
	ends := strings.Fields("ford ton ham by thorpe worth field mouth bridge combe ley well")
	pick := func(of []string) string { return of[rnd.Intn(len(of))] }
	name := func() string {
		s := pick(starts) + pick(middles) + pick(middles) + pick(ends)
		return strings.ToUpper(s[:1]) + s[1:]
	}
	kinds := []string{"hamlet", "village", "village", "town"}
	for i := 0; i < n; i++ {
		g.Insert(&Place{ID: fmt.Sprintf("g%06d", i), Name: name(), County: "County " + string(rune('A'+rnd.Intn(26))),
			Kind: pick(kinds), People: 20 + rnd.Intn(30_000), AltName: []string{name() + " " + pick(ends)}})
	}
}

func main() {
	cfg := configFromEnv()
	debug.SetGCPercent(-1) // until everything is loaded
	g := newGazetteer()
	load(g, cfg.Places)
	debug.SetGCPercent(cfg.GCPercent)
	r := mux.NewRouter()
	r.Use(logged)
	r.HandleFunc("/status", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok", len(g.byID)) })
	r.HandleFunc("/hints", g.handleHints).Methods(http.MethodGet)
	r.HandleFunc("/places/{id}", g.handlePlace).Methods(http.MethodGet)
	r.PathPrefix("/debug/pprof/").Handler(http.DefaultServeMux)
	server := &http.Server{Addr: cfg.Address, Handler: r, ReadTimeout: cfg.Timeout}
	slog.Info("ready", "places", len(g.byID))
	if err := server.ListenAndServe(); err != nil {
		slog.Error("listen", "error", err)
		os.Exit(1)
	}
}
