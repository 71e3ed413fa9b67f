// Tea estates: plots, pluckings and what they yield, as tables for the estate office.
package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime/debug"
	"sort"
	"strconv"
	"sync"
	"time"
)

const gardens = 130

type Plucking struct {
	Day   time.Time
	Kilos float64
	Grade string
	Crew  *Crew
	Next  *Plucking
}

type Crew struct {
	Name    string
	Members []string
}

type Plot struct {
	Number  int
	Clone   string
	Hectare float64
	First   *Plucking
	byDay   map[string]*Plucking
}

type Garden struct {
	ID    int
	Name  string
	Plots []*Plot
}

// Estate has all gardens with their records of the last years in memory.
type Estate struct {
	gardens map[int]*Garden
}

func loadEstate() *Estate {
	e := &Estate{gardens: map[int]*Garden{}}
	clones := []string{"TV1", "TV23", "AV2", "P312", "S3A3"}
	crews := make([]*Crew, 40)
	for i := range crews {
		crews[i] = &Crew{Name: "Crew " + strconv.Itoa(i+1)}
		for m := 0; m < 20; m++ {
			crews[i].Members = append(crews[i].Members, fmt.Sprintf("P%04d", i*20+m))
		}
	}
	begin := time.Date(2018, 3, 1, 0, 0, 0, 0, time.UTC)
	for id := 1; id <= gardens; id++ {
		g := &Garden{ID: id, Name: fmt.Sprintf("Garden %d", id)}
		for n := 1; n <= 36; n++ {
			p := &Plot{Number: n, Clone: clones[(n+id)%len(clones)], Hectare: 1.2 + float64(n%7)*0.3, byDay: map[string]*Plucking{}}
			for k := 0; k < 130; k++ {
				day := begin.AddDate(k/22, 0, (k%22)*9+n%5)
				pick := &Plucking{Day: day, Kilos: 80 + float64((k*n+id)%130), Grade: string(rune('A' + k%4)), Crew: crews[(k+n)%len(crews)], Next: p.First}
				p.First = pick
				p.byDay[day.Format(time.DateOnly)] = pick
			}
			g.Plots = append(g.Plots, p)
		}
		e.gardens[id] = g
	}
	return e
}

type Season struct {
	Year    int     `json:"year"`
	Kilos   float64 `json:"kilos"`
	PerHa   float64 `json:"per_hectare"`
	Best    string  `json:"best_crew"`
	Rounds  int     `json:"rounds"`
	TopPart float64 `json:"grade_a_share"`
}

func (p *Plot) seasons(last int) []Season {
	byYear := map[int]*Season{}
	crews := map[int]map[string]float64{}
	for pick := p.First; pick != nil; pick = pick.Next {
		year := pick.Day.Year()
		s := byYear[year]
		if s == nil {
			s = &Season{Year: year}
			byYear[year], crews[year] = s, map[string]float64{}
		}
		s.Kilos += pick.Kilos
		s.Rounds++
		crews[year][pick.Crew.Name] += pick.Kilos
		if pick.Grade == "A" {
			s.TopPart += pick.Kilos
		}
	}
	list := make([]Season, 0, len(byYear))
	for year, s := range byYear {
		s.PerHa, s.TopPart = s.Kilos/p.Hectare, s.TopPart/s.Kilos
		s.Best = best(crews[year])
		list = append(list, *s)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Year > list[j].Year })
	return list[:min(last, len(list))]
}

func best(kilos map[string]float64) (name string) {
	for crew, k := range kilos {
		if name == "" || k > kilos[name] || k == kilos[name] && crew < name {
			name = crew
		}
	}
	return name
}

func (g *Garden) yieldTable(seasons int) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Write([]string{"plot", "clone", "year", "rounds", "kilos", "per hectare", "grade A", "best crew"})
	for _, p := range g.Plots {
		for _, s := range p.seasons(seasons) {
			w.Write([]string{
				strconv.Itoa(p.Number), p.Clone, strconv.Itoa(s.Year), strconv.Itoa(s.Rounds),
				strconv.FormatFloat(s.Kilos, 'f', 1, 64), strconv.FormatFloat(s.PerHa, 'f', 1, 64),
				strconv.FormatFloat(s.TopPart, 'f', 3, 64), s.Best,
			})
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// exports counts the tables that are being made; the pod's memory is small and tables come in bursts.
type exports struct {
	mu      sync.Mutex
	running int
	made    int
}

func (x *exports) start() {
	x.mu.Lock()
	x.running++
	x.mu.Unlock()
}

func (x *exports) finish() {
	x.mu.Lock()
	x.running--
	x.made++
	x.mu.Unlock()
	debug.FreeOSMemory()
}

type server struct {
	estate  *Estate
	exports exports
}

func (s *server) garden(w http.ResponseWriter, r *http.Request) *Garden {
	id, _ := strconv.Atoi(r.PathValue("garden"))
	g := s.estate.gardens[id]
	if g == nil {
		http.Error(w, "no such garden", http.StatusNotFound)
	}
	return g
}

func (s *server) yield(w http.ResponseWriter, r *http.Request) {
	g := s.garden(w, r)
	if g == nil {
		return
	}
	seasons, err := strconv.Atoi(r.URL.Query().Get("seasons"))
	if err != nil || seasons < 1 {
		seasons = 3
	}
	s.exports.start()
	table, err := g.yieldTable(seasons)
	s.exports.finish()
	if err != nil {
		log.Print(err)
		http.Error(w, "no table", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/csv")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=garden-%d.csv", g.ID))
	w.Write(table)
}

func (s *server) plucking(w http.ResponseWriter, r *http.Request) {
	g := s.garden(w, r)
	if g == nil {
		return
	}
	n, _ := strconv.Atoi(r.PathValue("plot"))
	if n < 1 || n > len(g.Plots) {
		http.NotFound(w, r)
		return
	}
	pick := g.Plots[n-1].byDay[r.URL.Query().Get("day")]
	if pick == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"kilos": pick.Kilos, "grade": pick.Grade, "crew": pick.Crew.Name})
}

func main() {
	s := &server{estate: loadEstate()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /gardens/{garden}/yield.csv", s.yield)
	mux.HandleFunc("GET /gardens/{garden}/plots/{plot}/pluckings", s.plucking)
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
