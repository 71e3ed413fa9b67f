from locust import FastHttpUser, LoadTestShape, constant, task


class Shopper(FastHttpUser):
    wait_time = constant(0.2)

    @task(3)
    def item(self):
        self.client.get("/items/1?api_key=s3cr3t", name="item")

    @task(2)
    def orders(self):
        self.client.get("/orders")

    @task(1)
    def broken(self):
        self.client.get("/broken", name="broken, or not")

    @task(1)
    def bug(self):
        {}["no such key"]


class Stairs(LoadTestShape):
    def tick(self):
        time = self.get_run_time()
        if time < 12:
            return 2, 10
        return (6, 2) if time < 26 else None
