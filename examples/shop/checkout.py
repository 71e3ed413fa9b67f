"""Buying: stock, order and payment."""

from datetime import UTC, datetime

import payments
from database import Order, OrderItem, Product
from settings import fault
from sqlalchemy import update
from sqlalchemy.orm import Session


class OutOfStockError(Exception):
    """There is too little of a product."""


def take(session: Session, product_id: int, quantity: int) -> int:
    """Take a product out of stock; return its price."""
    statement = (
        update(Product)
        .where(Product.id == product_id, Product.stock >= quantity)
        .values(stock=Product.stock - quantity)
        .returning(Product.price_cents)
    )
    price = session.scalar(statement)
    if price is None:
        raise OutOfStockError(product_id)
    return price


def buy(session: Session, customer_id: int, product_id: int, quantity: int) -> int:
    """Place an order for one product; return its number."""
    if fault("row_lock"):
        price = take(session, product_id, quantity)
        number = payments.authorize(price * quantity)
    else:
        product = session.get_one(Product, product_id)
        price = product.price_cents
        session.rollback()  # nothing is held while the other service works
        number = payments.authorize(price * quantity)
        take(session, product_id, quantity)
    order = Order(
        customer_id=customer_id,
        placed_at=datetime.now(UTC),
        payment=number,
        items=[OrderItem(product_id=product_id, quantity=quantity, price_cents=price)],
    )
    session.add(order)
    session.commit()
    return order.id
