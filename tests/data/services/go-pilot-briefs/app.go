// Harbour pilots: the brief that a pilot reads before boarding a ship.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"sort"
	"time"
)

type Ship struct {
	IMO     string  `json:"imo"`
	Name    string  `json:"name"`
	Length  float64 `json:"length"`
	Draught float64 `json:"draught"`
}

type Wind struct {
	Knots int `json:"knots"`
	From  int `json:"from"`
}

type Tide struct {
	High   string  `json:"high"`
	Height float64 `json:"height"`
	Stream float64 `json:"stream"`
}

type Berth struct {
	Berth  string  `json:"berth"`
	Depth  float64 `json:"depth"`
	Length float64 `json:"length"`
	Side   string  `json:"side"`
}

type Tug struct {
	Name    string `json:"name"`
	Bollard int    `json:"bollard"`
	Free    bool   `json:"free"`
}

type Passing struct {
	Ship   string `json:"ship"`
	Passes string `json:"passes"`
}

type Brief struct {
	Ship     Ship      `json:"ship"`
	Berth    Berth     `json:"berth"`
	Wind     Wind      `json:"wind"`
	Tide     Tide      `json:"tide"`
	Tugs     []string  `json:"tugs"`
	Traffic  []Passing `json:"traffic"`
	Notices  []string  `json:"notices"`
	Clear    float64   `json:"under_keel_clearance"`
	Warnings []string  `json:"warnings"`
}

// Desk is the port's information desk.
type Desk struct {
	base   string
	client *http.Client
}

func newDesk(base string) *Desk {
	return &Desk{base: base, client: &http.Client{
		Timeout:   3 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute},
	}}
}

func ask[T any](ctx context.Context, d *Desk, what, key string) (answer T, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+"/"+what+"?key="+url.QueryEscape(key), nil)
	if err != nil {
		return answer, err
	}
	res, err := d.client.Do(req)
	if err != nil {
		return answer, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return answer, fmt.Errorf("%s: %s", what, res.Status)
	}
	return answer, json.NewDecoder(res.Body).Decode(&answer)
}

// pull is the bollard pull in tonnes that a ship needs in this wind.
func pull(s Ship, w Wind) int {
	return int(s.Length*s.Draught*float64(w.Knots*w.Knots)/18000) + 20
}

func chooseTugs(tugs []Tug, need int) []string {
	sort.Slice(tugs, func(i, j int) bool { return tugs[i].Bollard > tugs[j].Bollard })
	var names []string
	for _, t := range tugs {
		if need <= 0 {
			break
		}
		if t.Free {
			names = append(names, t.Name)
			need -= t.Bollard
		}
	}
	return names
}

func (b *Brief) warn() {
	b.Warnings = []string{}
	if b.Clear < 1.5 {
		b.Warnings = append(b.Warnings, "little water under the keel")
	}
	if b.Wind.Knots > 22 {
		b.Warnings = append(b.Warnings, "strong wind: pilot's discretion")
	}
	if b.Ship.Length > b.Berth.Length {
		b.Warnings = append(b.Warnings, "ship is longer than the berth")
	}
}

// Prepare collects what the pilot must know.
func (d *Desk) Prepare(ctx context.Context, imo, berth string) (*Brief, error) {
	var b Brief
	var err error
	if b.Ship, err = ask[Ship](ctx, d, "ships", imo); err != nil {
		return nil, err
	}
	if b.Berth, err = ask[Berth](ctx, d, "berths", berth); err != nil {
		return nil, err
	}
	if b.Wind, err = ask[Wind](ctx, d, "wind", berth); err != nil {
		return nil, err
	}
	if b.Tide, err = ask[Tide](ctx, d, "tides", berth); err != nil {
		return nil, err
	}
	tugs, err := ask[[]Tug](ctx, d, "tugs", berth)
	if err != nil {
		return nil, err
	}
	if b.Traffic, err = ask[[]Passing](ctx, d, "traffic", berth); err != nil {
		return nil, err
	}
	if b.Notices, err = ask[[]string](ctx, d, "notices", berth); err != nil {
		return nil, err
	}
	b.Tugs = chooseTugs(tugs, pull(b.Ship, b.Wind))
	b.Clear = b.Berth.Depth + b.Tide.Height - b.Ship.Draught
	b.warn()
	return &b, nil
}

var imoNumber = regexp.MustCompile(`^\d{7}$`)

type server struct {
	desk *Desk
}

func (s *server) brief(w http.ResponseWriter, r *http.Request) {
	imo, berth := r.PathValue("imo"), r.URL.Query().Get("berth")
	if !imoNumber.MatchString(imo) || berth == "" {
		http.Error(w, "which ship, which berth?", http.StatusBadRequest)
		return
	}
	b, err := s.desk.Prepare(r.Context(), imo, berth)
	respond(w, b, err)
}

func (s *server) ship(w http.ResponseWriter, r *http.Request) {
	ship, err := ask[Ship](r.Context(), s.desk, "ships", r.PathValue("imo"))
	respond(w, ship, err)
}

func respond(w http.ResponseWriter, v any, err error) {
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			log.Print(err)
		}
		http.Error(w, "information desk does not answer", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

func main() {
	s := &server{desk: newDesk("http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"))}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /ships/{imo}/brief", s.brief)
	http.HandleFunc("GET /ships/{imo}", s.ship)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
