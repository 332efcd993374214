/** What concerns the whole shop. */
export const SETTINGS = {
  shop: 'The corner shop',
  motto: 'Fresh every morning',
};
