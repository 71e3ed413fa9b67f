// Boat hire: the key of a boat is handed out when the harbour office lets it leave.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"

	"github.com/jmoiron/sqlx"
	_ "github.com/mattn/go-sqlite3"
)

const schema = `
CREATE TABLE IF NOT EXISTS boats (id INTEGER PRIMARY KEY, name TEXT NOT NULL, berth TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS keys (id INTEGER PRIMARY KEY, boat INTEGER NOT NULL, guest TEXT NOT NULL);`

type Hire struct {
	db     *sqlx.DB
	office string
}

type Boat struct {
	ID    int    `db:"id" json:"id"`
	Name  string `db:"name" json:"name"`
	Berth string `db:"berth" json:"berth"`
}

// HandOut notes who has a boat's key.
func (h *Hire) HandOut(ctx context.Context, boat int, guest string) (Boat, error) {
	var found Boat
	conn, err := h.db.Connx(ctx)
	if err != nil {
		return found, err
	}
	defer conn.Close()
	if err := conn.GetContext(ctx, &found, `SELECT id, name, berth FROM boats WHERE id = ?`, boat); err != nil {
		return found, err
	}
	if err := h.mayLeave(ctx, found); err != nil {
		return found, err
	}
	_, err = conn.ExecContext(ctx, `INSERT INTO keys (boat, guest) VALUES (?, ?)`, boat, guest)
	return found, err
}

func (h *Hire) mayLeave(ctx context.Context, boat Boat) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.office+"/berths/"+boat.Berth, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the harbour office: %s", res.Status)
	}
	return nil
}

func main() {
	db, err := sqlx.Open("sqlite3", "file:keys.db?_busy_timeout=5000&_journal_mode=WAL&_synchronous=NORMAL")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(2)
	db.MustExec(schema)
	for i := 1; i <= 40; i++ {
		db.MustExec(`INSERT OR IGNORE INTO boats VALUES (?, ?, ?)`, i, fmt.Sprintf("Boat %d", i), fmt.Sprintf("B%d", i))
	}
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 16
	hire := &Hire{db, "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT")}
	http.HandleFunc("GET /up", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("up\n")) })
	http.HandleFunc("POST /boats/{boat}/keys", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Guest string `json:"guest"`
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			http.Error(w, "who?", http.StatusBadRequest)
			return
		}
		id, _ := strconv.Atoi(r.PathValue("boat"))
		boat, err := hire.HandOut(r.Context(), id, asked.Guest)
		if err != nil {
			log.Print(err)
			http.Error(w, "no key", http.StatusServiceUnavailable)
			return
		}
		json.NewEncoder(w).Encode(boat)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
