// Permit checks: wardens scan a number plate and see whether the car may stand where it stands.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/gorilla/mux"
)

type Zone struct {
	Name    string `json:"name"`
	From    int    `json:"from"`
	To      int    `json:"to"`
	MaxStay int    `json:"max_stay_minutes"`
	Permits string `json:"permits"`
}

var zones = map[string]Zone{
	"harbour": {"harbour", 8, 20, 120, "H"},
	"market":  {"market", 7, 22, 60, "M"},
	"hill":    {"hill", 9, 18, 240, "RH"},
}

type Verdict struct {
	Plate   string `json:"plate"`
	Zone    string `json:"zone"`
	Allowed bool   `json:"allowed"`
	Reason  string `json:"reason"`
	Colour  string `json:"colour"`
	Open    int    `json:"open_fines"`
}

var plateForm = regexp.MustCompile(`^[A-Z]{2}[0-9]{2,6}$`)

func normalize(plate string) (string, bool) {
	plate = strings.ToUpper(strings.NewReplacer(" ", "", "-", "", ".", "").Replace(plate))
	return plate, plateForm.MatchString(plate)
}

func judge(z Zone, v Vehicle, at time.Time) (bool, string) {
	hour := at.Hour()
	switch {
	case hour < z.From || hour >= z.To:
		return true, "free at this hour"
	case strings.ContainsAny(v.Permits, z.Permits):
		return true, "permit"
	case v.Disabled:
		return true, "blue badge"
	}
	return false, "no permit for this zone"
}

type Checks struct {
	register *Register
	clock    func() time.Time
}

func (c *Checks) check(ctx context.Context, z Zone, plate string) (Verdict, error) {
	var (
		vehicle Vehicle
		open    int
	)
	err := c.register.With(ctx, func(s *Session) error {
		var err error
		if vehicle, err = s.Vehicle(plate); err != nil {
			return err
		}
		open, err = s.OpenFines(vehicle.Keeper)
		return err
	})
	if err != nil {
		return Verdict{}, err
	}
	ok, reason := judge(z, vehicle, c.clock())
	return Verdict{Plate: plate, Zone: z.Name, Allowed: ok, Reason: reason, Colour: vehicle.Colour, Open: open}, nil
}

func (c *Checks) handleCheck(w http.ResponseWriter, r *http.Request) {
	vars := mux.Vars(r)
	zone, ok := zones[vars["zone"]]
	if !ok {
		fail(w, http.StatusNotFound, "no such zone")
		return
	}
	plate, ok := normalize(vars["plate"])
	if !ok {
		fail(w, http.StatusBadRequest, "that is not a plate")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 8*time.Second)
	defer cancel()
	verdict, err := c.check(ctx, zone, plate)
	switch {
	case errors.Is(err, errNoVehicle):
		fail(w, http.StatusNotFound, "not in the register")
	case err != nil:
		log.Printf("check %s: %v", plate, err)
		fail(w, http.StatusBadGateway, "the register is not available")
	default:
		send(w, http.StatusOK, verdict)
	}
}

func handleZones(w http.ResponseWriter, r *http.Request) { send(w, http.StatusOK, zones) }

func fail(w http.ResponseWriter, status int, text string) {
	send(w, status, map[string]string{"error": text})
}

func send(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func main() {
	checks := &Checks{register: NewRegister("127.0.0.1:"+os.Getenv("UPSTREAM_PORT"), 3), clock: time.Now}
	r := mux.NewRouter()
	r.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok\n")) })
	r.HandleFunc("/zones", handleZones).Methods(http.MethodGet)
	r.HandleFunc("/zones/{zone}/plates/{plate}", checks.handleCheck).Methods(http.MethodGet)
	r.PathPrefix("/debug/pprof/").Handler(http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
