// Fares of a coach company: what it costs to travel between the stops of a corridor.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/rand"
	"net/http"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	lru "github.com/hashicorp/golang-lru/v2"
)

var errUnknown = errors.New("unknown stop")

// Row is one line of a fare sheet: a destination with its price in each class.
type Row struct {
	To       string         `json:"to"`
	Km       int            `json:"km"`
	Cents    map[string]int `json:"cents"`
	Seasonal []Season       `json:"seasonal"`
}

type Season struct {
	From    string `json:"from"`
	Until   string `json:"until"`
	Percent int    `json:"percent"`
}

// Sheet is what the tariff office publishes for a stop.
type Sheet struct {
	Stop  string `json:"stop"`
	Issue int    `json:"issue"`
	Rows  []Row  `json:"rows"`
}

func (s *Sheet) find(to string) (Row, bool) {
	i := sort.Search(len(s.Rows), func(i int) bool { return s.Rows[i].To >= to })
	if i < len(s.Rows) && s.Rows[i].To == to {
		return s.Rows[i], true
	}
	return Row{}, false
}

// Archive holds the published sheets, packed as they come from the tariff office.
type Archive struct {
	packed map[string][]byte
}

func (a *Archive) unpack(stop string) (*Sheet, error) {
	raw, ok := a.packed[stop]
	if !ok {
		return nil, fmt.Errorf("%s: %w", stop, errUnknown)
	}
	zr, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	defer zr.Close()
	sheet := new(Sheet)
	if err := json.NewDecoder(zr).Decode(sheet); err != nil {
		return nil, err
	}
	return sheet, nil
}

// Tariffs gives sheets to the handlers.
type Tariffs struct {
	archive *Archive
	sheets  *lru.Cache[string, *Sheet]
}

const keptSheets = 32

func newTariffs(a *Archive) (*Tariffs, error) {
	sheets, err := lru.New[string, *Sheet](keptSheets)
	if err != nil {
		return nil, err
	}
	return &Tariffs{archive: a, sheets: sheets}, nil
}

func (t *Tariffs) Sheet(stop string) (*Sheet, error) {
	if sheet, ok := t.sheets.Get(stop); ok {
		return sheet, nil
	}
	sheet, err := t.archive.unpack(stop)
	if err != nil {
		return nil, err
	}
	t.sheets.Add(stop, sheet)
	return sheet, nil
}

func (t *Tariffs) Fare(from, to, class string, on time.Time) (int, error) {
	sheet, err := t.Sheet(from)
	if err != nil {
		return 0, err
	}
	row, ok := sheet.find(to)
	if !ok {
		return 0, fmt.Errorf("%s: %w", to, errUnknown)
	}
	cents, day := row.Cents[class], on.Format("01-02")
	for _, s := range row.Seasonal {
		if s.From <= day && day <= s.Until {
			cents += cents * s.Percent / 100
		}
	}
	return cents, nil
}

type Corridor struct {
	Name  string
	Hub   string
	Stops map[string]string // code to name
}

type Offer struct {
	Stop  string `json:"stop"`
	Name  string `json:"name"`
	Cents int    `json:"cents"`
}

type API struct {
	tariffs   *Tariffs
	corridors map[string]*Corridor
}

// toHub lists what a seat to the hub costs from every stop of the corridor, the cheapest first.
func (a *API) toHub(w http.ResponseWriter, r *http.Request) {
	c, ok := a.corridors[chi.URLParam(r, "corridor")]
	if !ok {
		http.Error(w, "no such corridor", http.StatusNotFound)
		return
	}
	class := r.URL.Query().Get("class")
	if class == "" {
		class = "standard"
	}
	offers := make([]Offer, 0, len(c.Stops))
	for code, name := range c.Stops {
		cents, err := a.tariffs.Fare(code, c.Hub, class, time.Now())
		if err != nil {
			fail(w, err)
			return
		}
		offers = append(offers, Offer{Stop: code, Name: name, Cents: cents})
	}
	sort.Slice(offers, func(i, j int) bool {
		if offers[i].Cents != offers[j].Cents {
			return offers[i].Cents < offers[j].Cents
		}
		return offers[i].Stop < offers[j].Stop
	})
	reply(w, map[string]any{"corridor": c.Name, "hub": c.Hub, "class": class, "offers": offers})
}

func (a *API) fare(w http.ResponseWriter, r *http.Request) {
	class := r.URL.Query().Get("class")
	if class == "" {
		class = "standard"
	}
	cents, err := a.tariffs.Fare(chi.URLParam(r, "from"), chi.URLParam(r, "to"), class, time.Now())
	if err != nil {
		fail(w, err)
		return
	}
	reply(w, map[string]any{"class": class, "cents": cents})
}

func (a *API) stops(w http.ResponseWriter, r *http.Request) {
	c, ok := a.corridors[chi.URLParam(r, "corridor")]
	if !ok {
		http.Error(w, "no such corridor", http.StatusNotFound)
		return
	}
	reply(w, c.Stops)
}

func fail(w http.ResponseWriter, err error) {
	if errors.Is(err, errUnknown) {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	log.Print(err)
	http.Error(w, "tariffs are not at hand", http.StatusInternalServerError)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// publish makes the sheets of the current issue.
func publish(corridors ...*Corridor) (*Archive, error) {
	rnd := rand.New(rand.NewSource(11))
	a := &Archive{packed: make(map[string][]byte)}
	for _, c := range corridors {
		codes := make([]string, 0, len(c.Stops))
		for code := range c.Stops {
			codes = append(codes, code)
		}
		sort.Strings(codes)
		for _, from := range codes {
			sheet := Sheet{Stop: from, Issue: 2026}
			for _, to := range codes {
				km := 4 + rnd.Intn(480)
				sheet.Rows = append(sheet.Rows, Row{
					To: to, Km: km,
					Cents:    map[string]int{"standard": 250 + km*9, "flex": 400 + km*13, "child": 120 + km*4},
					Seasonal: []Season{{"06-20", "09-05", 12}, {"12-18", "12-31", 20}},
				})
			}
			var packed bytes.Buffer
			zw := gzip.NewWriter(&packed)
			if err := json.NewEncoder(zw).Encode(sheet); err != nil {
				return nil, err
			}
			if err := zw.Close(); err != nil {
				return nil, err
			}
			a.packed[from] = packed.Bytes()
		}
	}
	return a, nil
}

func newCorridor(name, prefix string, stops int) *Corridor {
	c := &Corridor{Name: name, Hub: prefix + "000", Stops: make(map[string]string)}
	for i := 0; i < stops; i++ {
		c.Stops[fmt.Sprintf("%s%03d", prefix, i)] = name + " stop " + strconv.Itoa(i)
	}
	return c
}

func main() {
	north, coast := newCorridor("north", "N", 118), newCorridor("coast", "C", 22)
	archive, err := publish(north, coast)
	if err != nil {
		log.Fatal(err)
	}
	tariffs, err := newTariffs(archive)
	if err != nil {
		log.Fatal(err)
	}
	a := &API{tariffs: tariffs, corridors: map[string]*Corridor{"north": north, "coast": coast}}
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer)
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	r.Get("/corridors/{corridor}/stops", a.stops)
	r.Get("/corridors/{corridor}/to-hub", a.toHub)
	r.Get("/fares/{from}/{to}", a.fare)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
