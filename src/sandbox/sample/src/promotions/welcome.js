/** For a first order. */
export const promotion = { code: 'WELCOME', title: 'Ten percent off a first order', percent: 10, round: 1 };
