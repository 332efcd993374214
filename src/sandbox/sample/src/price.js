import { SETTINGS } from './settings.js';
import { promotionByCode } from './promotions.js';

const CENTS = { apple: 40, bread: 320, cheese: 890, coffee: 740, honey: 655 };

/** What a basket costs in cents; a code that nobody knows takes nothing off. */
export async function quote(basket, code) {
  const full = basket.reduce((sum, { product, count }) => sum + priceOf(product) * count, 0);
  const promotion = code === undefined ? null : await promotionByCode(code);
  return promotion === null ? full : full - Math.floor((full * promotion.percent) / 100);
}

export function priceOf(product) {
  const cents = CENTS[product];
  if (cents === undefined) throw new Error(`${SETTINGS.shop} sells no ${product}`);
  return cents;
}
