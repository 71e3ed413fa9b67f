// Office leases for several landlords: units, leases and what a new lease would cost.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type Unit struct {
	ID     int     `json:"id"`
	Floor  int     `json:"floor"`
	Area   float64 `json:"area_m2"`
	Street string  `json:"street"`
}

type Lease struct {
	ID     int       `json:"id"`
	Tenant string    `json:"tenant"`
	From   time.Time `json:"from"`
	Rent   int       `json:"rent_cents"`
}

type Rating struct {
	Grade   string  `json:"grade"`
	Deposit float64 `json:"deposit_months"`
}

const sessionKey = "landlord session"

// landlordSession gives the request a session in which the row policies of its landlord apply.
func landlordSession(pool *pgxpool.Pool) gin.HandlerFunc {
	return func(c *gin.Context) {
		landlord, err := strconv.Atoi(c.GetHeader("X-Landlord"))
		if err != nil {
			landlord = 3
		}
		conn, err := pool.Acquire(c.Request.Context())
		if err != nil {
			c.AbortWithStatusJSON(http.StatusServiceUnavailable, gin.H{"error": "no database"})
			return
		}
		defer conn.Release()
		if _, err := conn.Exec(c.Request.Context(), `SELECT set_config('app.landlord', $1, false)`, strconv.Itoa(landlord)); err != nil {
			c.AbortWithStatusJSON(http.StatusInternalServerError, gin.H{"error": "no session"})
			return
		}
		c.Set(sessionKey, conn)
		c.Next()
	}
}

func session(c *gin.Context) *pgxpool.Conn { return c.MustGet(sessionKey).(*pgxpool.Conn) }

type Ratings struct {
	base   string
	client *http.Client
}

func (r *Ratings) Of(ctx context.Context, company string) (out Rating, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/ratings/"+company, nil)
	if err != nil {
		return out, err
	}
	res, err := r.client.Do(req)
	if err != nil {
		return out, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return out, fmt.Errorf("ratings: %s", res.Status)
	}
	return out, json.NewDecoder(res.Body).Decode(&out)
}

type API struct{ ratings *Ratings }

func (a *API) units(c *gin.Context) {
	rows, err := session(c).Query(c.Request.Context(), `SELECT id, floor, area, street FROM units ORDER BY id LIMIT 50`)
	if err != nil {
		fail(c, err)
		return
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Unit])
	if err != nil {
		fail(c, err)
		return
	}
	c.JSON(http.StatusOK, list)
}

func (a *API) leases(c *gin.Context) {
	rows, err := session(c).Query(c.Request.Context(), `SELECT id, tenant, starts, rent FROM leases WHERE unit_id = $1 ORDER BY starts DESC`, c.Param("id"))
	if err != nil {
		fail(c, err)
		return
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Lease])
	if err != nil {
		fail(c, err)
		return
	}
	c.JSON(http.StatusOK, list)
}

// offer says for what rent and deposit a company could have the unit.
func (a *API) offer(c *gin.Context) {
	ctx := c.Request.Context()
	id, _ := strconv.Atoi(c.Param("id"))
	var u Unit
	err := session(c).QueryRow(ctx, `SELECT id, floor, area, street FROM units WHERE id = $1`, id).Scan(&u.ID, &u.Floor, &u.Area, &u.Street)
	if err != nil {
		fail(c, err)
		return
	}
	var last int
	err = session(c).QueryRow(ctx, `SELECT coalesce(max(rent), 0) FROM leases WHERE unit_id = $1`, id).Scan(&last)
	if err != nil {
		fail(c, err)
		return
	}
	rating, err := a.ratings.Of(ctx, c.Query("company"))
	if err != nil {
		fail(c, err)
		return
	}
	rent := max(last*103/100, int(u.Area*1890))
	c.JSON(http.StatusOK, gin.H{"unit": u, "rent_cents": rent, "deposit_cents": int(float64(rent) * rating.Deposit), "grade": rating.Grade})
}

func fail(c *gin.Context, err error) {
	log.Print(c.Request.URL.Path, ": ", err)
	c.JSON(http.StatusInternalServerError, gin.H{"error": "internal error"})
}

func main() {
	pool, err := pgxpool.New(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	api := &API{ratings: &Ratings{
		base:   "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
		client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}},
	}}
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.Recovery())
	r.GET("/ping", func(c *gin.Context) { c.String(http.StatusOK, "pong") })
	own := r.Group("/", landlordSession(pool))
	own.GET("/units", api.units)
	own.GET("/units/:id/leases", api.leases)
	own.GET("/units/:id/offer", api.offer)
	log.Fatal(r.Run("127.0.0.1:" + os.Getenv("PORT")))
}
