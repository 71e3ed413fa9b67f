// Web radio: each station plays its tracks in random order; neighbours in the list are faded into one another
// by what their loudness profiles look like at the ends.
package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gorilla/mux"
	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	tracksAStation = 260
	frames         = 2400 // a tenth of a second each
	profileCache   = 32
)

var stations = []string{"jazz", "folk", "brass"}

// Profile is the loudness of a track over time.
type Profile struct {
	Track    string    `json:"track"`
	Title    string    `json:"title"`
	Loudness []float64 `json:"loudness"`
}

type Fade struct {
	From    string  `json:"from"`
	To      string  `json:"to"`
	Seconds float64 `json:"seconds"`
	Gain    float64 `json:"gain"`
}

type Programme struct {
	Station string   `json:"station"`
	Tracks  []string `json:"tracks"`
	Fades   []Fade   `json:"fades"`
	Length  float64  `json:"length"`
}

var errNoTrack = errors.New("no such track")

// writeLibrary makes the files of the tracks that are missing.
func writeLibrary(dir string) error {
	for _, station := range stations {
		if err := os.MkdirAll(filepath.Join(dir, station), 0o755); err != nil {
			return err
		}
		for n := 0; n < tracksAStation; n++ {
			if err := writeProfile(dir, station, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeProfile(dir, station string, n int) error {
	path := filepath.Join(dir, station, fmt.Sprintf("%03d.json.gz", n))
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	p := Profile{Track: fmt.Sprintf("%s/%03d", station, n), Title: fmt.Sprintf("%s no. %d", station, n+1)}
	for i := 0; i < frames; i++ {
		rise, fall := math.Min(1, float64(i)/float64(20+n%90)), math.Min(1, float64(frames-i)/float64(30+n%140))
		level := -14 + 4*math.Sin(float64(i*(n+3))/211) - 40*(1-rise*fall)
		p.Loudness = append(p.Loudness, math.Round(level*1000)/1000)
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	packed, _ := gzip.NewWriterLevel(file, gzip.BestSpeed)
	if err := json.NewEncoder(packed).Encode(p); err != nil {
		return err
	}
	return packed.Close()
}

// Profiles reads profiles from the library and keeps those that were used last.
type Profiles struct {
	dir    string
	recent *lru.Cache[string, *Profile]
}

func newProfiles(dir string) (*Profiles, error) {
	recent, err := lru.New[string, *Profile](profileCache)
	return &Profiles{dir: dir, recent: recent}, err
}

func (p *Profiles) Get(track string) (*Profile, error) {
	if profile, ok := p.recent.Get(track); ok {
		return profile, nil
	}
	profile, err := p.loadProfile(track)
	if err != nil {
		return nil, err
	}
	p.recent.Add(track, profile)
	return profile, nil
}

func (p *Profiles) loadProfile(track string) (*Profile, error) {
	file, err := os.Open(filepath.Join(p.dir, filepath.FromSlash(track)+".json.gz"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoTrack
	} else if err != nil {
		return nil, err
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	var profile Profile
	return &profile, json.NewDecoder(packed).Decode(&profile)
}

// outro and intro are the frames for which a track is quieter than its body.
func (p *Profile) outro() int {
	n := 0
	for i := len(p.Loudness) - 1; i > 0 && p.Loudness[i] < -20; i-- {
		n++
	}
	return n
}

func (p *Profile) intro() int {
	n := 0
	for n < len(p.Loudness) && p.Loudness[n] < -20 {
		n++
	}
	return n
}

func (p *Profile) mean() float64 {
	sum := 0.0
	for _, l := range p.Loudness {
		sum += l
	}
	return sum / float64(len(p.Loudness))
}

func fade(a, b *Profile) Fade {
	overlap := float64(min(a.outro(), b.intro())) / 10
	return Fade{From: a.Track, To: b.Track, Seconds: overlap, Gain: math.Round((a.mean()-b.mean())*10) / 10}
}

type Radio struct {
	profiles *Profiles
}

// Next draws the tracks that a station plays next.
func (r *Radio) Next(station string, count int) (*Programme, error) {
	programme := &Programme{Station: station, Fades: []Fade{}}
	var before *Profile
	for _, n := range rand.Perm(tracksAStation)[:count] {
		profile, err := r.profiles.Get(fmt.Sprintf("%s/%03d", station, n))
		if err != nil {
			return nil, err
		}
		programme.Tracks = append(programme.Tracks, profile.Title)
		programme.Length += float64(len(profile.Loudness)) / 10
		if before != nil {
			f := fade(before, profile)
			programme.Fades = append(programme.Fades, f)
			programme.Length -= f.Seconds
		}
		before = profile
	}
	return programme, nil
}

func (r *Radio) next(w http.ResponseWriter, req *http.Request) {
	count, err := strconv.Atoi(req.URL.Query().Get("tracks"))
	if err != nil || count < 1 || count > 60 {
		count = 10
	}
	programme, err := r.Next(mux.Vars(req)["station"], count)
	answer(w, programme, err)
}

func (r *Radio) track(w http.ResponseWriter, req *http.Request) {
	vars := mux.Vars(req)
	profile, err := r.profiles.Get(vars["station"] + "/" + vars["track"])
	answer(w, profile, err)
}

func answer(w http.ResponseWriter, v any, err error) {
	switch {
	case errors.Is(err, errNoTrack):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		log.Print(err)
		http.Error(w, "library is not readable", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	}
}

func main() {
	library := flag.String("library", "library", "folder of the profiles")
	flag.Parse()
	if err := writeLibrary(*library); err != nil {
		log.Fatal(err)
	}
	profiles, err := newProfiles(*library)
	if err != nil {
		log.Fatal(err)
	}
	radio := &Radio{profiles: profiles}
	router := mux.NewRouter()
	router.HandleFunc("/healthz", func(w http.ResponseWriter, req *http.Request) { fmt.Fprintln(w, "ok") })
	router.HandleFunc("/stations/{station:[a-z]+}/next", radio.next).Methods(http.MethodGet)
	router.HandleFunc("/stations/{station:[a-z]+}/tracks/{track:[0-9]+}", radio.track).Methods(http.MethodGet)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), router))
}
