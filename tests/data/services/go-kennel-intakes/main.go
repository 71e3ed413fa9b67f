// Intake desk of an animal shelter: registers strays and looks their microchips up at the national register.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/gorilla/mux"
)

type Animal struct {
	ID      int       `json:"id"`
	Species string    `json:"species"`
	Chip    string    `json:"chip"`
	Pen     string    `json:"pen"`
	Keeper  string    `json:"keeper,omitempty"`
	Arrived time.Time `json:"arrived"`
}

type intakeForm struct {
	Species string `json:"species"`
	Chip    string `json:"chip"`
	Found   string `json:"found"`
}

var errForm = errors.New("species and a chip of 15 digits are required")

func (f intakeForm) check() error {
	if f.Species == "" || len(f.Chip) != 15 {
		return errForm
	}
	if _, err := strconv.ParseUint(f.Chip, 10, 64); err != nil {
		return errForm
	}
	return nil
}

// Kennel keeps who sits in which pen.
type Kennel struct {
	mu      sync.Mutex
	last    int
	recent  []*Animal
	bySpec  map[string]int
	penSize int
}

func NewKennel() *Kennel {
	return &Kennel{bySpec: map[string]int{}, penSize: 6}
}

func (k *Kennel) Admit(species, chip, keeper string) *Animal {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last++
	n := k.bySpec[species]
	k.bySpec[species] = n + 1
	a := &Animal{ID: k.last, Species: species, Chip: chip, Keeper: keeper, Arrived: time.Now(),
		Pen: species[:1] + strconv.Itoa(n/k.penSize%40)}
	k.recent = append(k.recent, a)
	if len(k.recent) > 200 {
		k.recent = append(k.recent[:0:0], k.recent[100:]...)
	}
	return a
}

func (k *Kennel) Latest(n int) []*Animal {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n > len(k.recent) {
		n = len(k.recent)
	}
	return append([]*Animal(nil), k.recent[len(k.recent)-n:]...)
}

type Server struct {
	kennel *Kennel
	desk   *Desk
}

func (s *Server) intake(w http.ResponseWriter, r *http.Request) {
	var form intakeForm
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<10)).Decode(&form); err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	if err := form.check(); err != nil {
		fail(w, http.StatusUnprocessableEntity, err)
		return
	}
	owner, err := s.desk.Owner(r.Context(), form.Chip)
	if err != nil {
		fail(w, http.StatusBadGateway, err)
		return
	}
	reply(w, http.StatusCreated, s.kennel.Admit(form.Species, form.Chip, owner.Name))
}

func (s *Server) latest(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.URL.Query().Get("n"))
	if err != nil || n < 1 || n > 100 {
		n = 20
	}
	reply(w, http.StatusOK, s.kennel.Latest(n))
}

func (s *Server) owner(w http.ResponseWriter, r *http.Request) {
	owner, err := s.desk.Owner(r.Context(), mux.Vars(r)["chip"])
	if err != nil {
		fail(w, http.StatusBadGateway, err)
		return
	}
	reply(w, http.StatusOK, owner)
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, status int, err error) {
	reply(w, status, map[string]string{"error": err.Error()})
}

func envInt(name string, or int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return or
}

func main() {
	desk := NewDesk("http://127.0.0.1:"+os.Getenv("UPSTREAM_PORT"), envInt("REGISTER_WORKERS", 2), 256)
	s := &Server{kennel: NewKennel(), desk: desk}

	r := mux.NewRouter()
	r.HandleFunc("/up", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("up\n")) })
	r.HandleFunc("/intakes", s.intake).Methods(http.MethodPost)
	r.HandleFunc("/intakes", s.latest).Methods(http.MethodGet)
	r.HandleFunc("/chips/{chip:[0-9]{15}}", s.owner).Methods(http.MethodGet)
	r.HandleFunc("/debug/pprof/profile", pprof.Profile)
	r.HandleFunc("/debug/pprof/trace", pprof.Trace)
	r.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	r.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	r.PathPrefix("/debug/pprof/").HandlerFunc(pprof.Index)

	srv := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: r, ReadHeaderTimeout: 5 * time.Second}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	go func() {
		<-ctx.Done()
		late, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = srv.Shutdown(late)
	}()
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	desk.Close()
}
