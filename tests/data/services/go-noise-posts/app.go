// Aircraft noise: sound levels of the measuring posts around an airport, the background level and the events above it.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"math"
	"math/rand"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sort"
	"strings"
	"time"
)

const (
	samplesPerDay = 24 * 60 * 6 // one each ten seconds
	halfWindow    = 90          // a quarter of an hour to either side
	threshold     = 9.0         // dB above the background make an event
)

type Post struct {
	ID    string  `json:"id"`
	Place string  `json:"place"`
	Lat   float64 `json:"lat"`
	Lon   float64 `json:"lon"`
}

type Event struct {
	Start string  `json:"start"`
	Secs  int     `json:"seconds"`
	Peak  float64 `json:"peak"`
	SEL   float64 `json:"sel"`
}

type Background struct {
	Post   string    `json:"post"`
	Day    string    `json:"day"`
	Hourly []float64 `json:"hourly"`
	L90    float64   `json:"l90"`
	Events []Event   `json:"events"`
}

// Archive keeps the measured days of each post.
type Archive struct {
	posts  map[string]Post
	levels map[string][]float64
}

func newArchive(day string) *Archive {
	a := &Archive{posts: map[string]Post{}, levels: map[string][]float64{}}
	places := []string{"School roof", "Water tower", "Allotments", "Fire station", "Church yard", "Golf course", "Mill lane", "Depot"}
	for i, place := range places {
		id := "N" + string(rune('1'+i))
		a.posts[id] = Post{ID: id, Place: place, Lat: 51.4 + float64(i)*0.011, Lon: -0.5 + float64(i)*0.023}
		a.levels[id+"/"+day] = simulate(int64(i) + 40)
	}
	return a
}

func simulate(seed int64) []float64 {
	rnd := rand.New(rand.NewSource(seed))
	levels := make([]float64, samplesPerDay)
	for i := range levels {
		hour := float64(i) / 360
		levels[i] = 41 + 7*math.Sin((hour-6)/24*2*math.Pi) + rnd.NormFloat64()*1.8
	}
	for at := 300; at < samplesPerDay-12; at += 60 + rnd.Intn(140) {
		peak := 14 + rnd.Float64()*16
		for k := 0; k < 6; k++ {
			levels[at+k] += peak * math.Exp(-math.Pow(float64(k)-2.5, 2)/3)
		}
	}
	return levels
}

func (a *Archive) Day(post, day string) ([]float64, bool) {
	levels, ok := a.levels[post+"/"+day]
	return levels, ok
}

func clamp(v, low, high int) int {
	return max(low, min(v, high))
}

// runningMedian smooths a day's levels, so that single flights do not count as background.
func runningMedian(levels []float64, half int) []float64 {
	smooth := make([]float64, len(levels))
	window := make([]float64, 0, 2*half+1)
	for i := range levels {
		from, to := clamp(i-half, 0, len(levels)), clamp(i+half+1, 0, len(levels))
		window = append(window[:0], levels[from:to]...)
		sort.Float64s(window)
		smooth[i] = window[len(window)/2]
	}
	return smooth
}

// energyMean is the mean level by sound energy.
func energyMean(levels []float64) float64 {
	sum := 0.0
	for _, l := range levels {
		sum += math.Pow(10, l/10)
	}
	return round(10 * math.Log10(sum/float64(len(levels))))
}

func hourly(levels []float64) []float64 {
	per := len(levels) / 24
	means := make([]float64, 24)
	for h := range means {
		means[h] = energyMean(levels[h*per : (h+1)*per])
	}
	return means
}

func exceeded(levels []float64, share float64) float64 {
	sorted := append([]float64(nil), levels...)
	sort.Float64s(sorted)
	return round(sorted[int(float64(len(sorted))*(1-share))])
}

func round(v float64) float64 {
	return math.Round(v*10) / 10
}

func clock(sample int) string {
	return time.Date(2000, 1, 1, 0, 0, sample*10, 0, time.UTC).Format("15:04:05")
}

func eventsAbove(levels, background []float64) []Event {
	events := []Event{}
	for i := 0; i < len(levels); i++ {
		if levels[i] < background[i]+threshold {
			continue
		}
		start, peak, energy := i, levels[i], 0.0
		for i < len(levels) && levels[i] >= background[i]+threshold/2 {
			peak = math.Max(peak, levels[i])
			energy += math.Pow(10, levels[i]/10) * 10
			i++
		}
		events = append(events, Event{Start: clock(start), Secs: (i - start) * 10, Peak: round(peak), SEL: round(10 * math.Log10(energy))})
	}
	return events
}

func backgroundLevels(post, day string, levels []float64) Background {
	smooth := runningMedian(levels, halfWindow)
	return Background{Post: post, Day: day, Hourly: hourly(smooth), L90: exceeded(smooth, 0.9), Events: eventsAbove(levels, smooth)}
}

type Server struct {
	archive *Archive
}

func (s *Server) listPosts(w http.ResponseWriter, r *http.Request) {
	posts := make([]Post, 0, len(s.archive.posts))
	for _, p := range s.archive.posts {
		posts = append(posts, p)
	}
	sort.Slice(posts, func(i, j int) bool { return posts[i].ID < posts[j].ID })
	reply(w, posts)
}

func (s *Server) postDay(w http.ResponseWriter, r *http.Request) {
	id, what := r.PathValue("id"), r.PathValue("what")
	day := r.URL.Query().Get("day")
	levels, ok := s.archive.Day(strings.ToUpper(id), day)
	if !ok {
		http.Error(w, "no such post or day", http.StatusNotFound)
		return
	}
	switch what {
	case "background":
		reply(w, backgroundLevels(id, day, levels))
	case "hourly":
		reply(w, hourly(levels))
	default:
		http.NotFound(w, r)
	}
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

func main() {
	host := flag.String("listen", "127.0.0.1", "address to listen on")
	flag.Parse()
	s := &Server{archive: newArchive("2024-05-14")}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok\n")) })
	http.HandleFunc("GET /posts", s.listPosts)
	http.HandleFunc("GET /posts/{id}/{what}", s.postDay)
	log.Fatal(http.ListenAndServe(net.JoinHostPort(*host, os.Getenv("PORT")), nil))
}
