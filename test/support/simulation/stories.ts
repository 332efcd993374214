export const TITLES = [
  'Round discounts per line',
  'Show the delivery date in the basket',
  'Retry the payment webhook',
  'Export orders as CSV',
  'Ask before a basket is emptied',
  'Keep the filter when going back',
  'Log in with a passkey',
  'Say why a coupon is refused',
] as const;

export const DESCRIPTION_SENTENCES = [
  'Customers call support because the total differs from the sum of the lines by a cent.',
  'It has to hold for every currency that the shop sells in, including those without minor units.',
  'The old behaviour stays behind the switch until the end of the quarter.',
  'See the two screenshots in the comments; the second one shows the wrong case.',
  'Nothing changes for orders that were placed before the change.',
  'The endpoint answers within 200 ms at the load of the last sale.',
] as const;
