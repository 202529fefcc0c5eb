insert into ledger.currencies (code, exponent, name) values
  ('AED', 2, 'UAE dirham'), ('AUD', 2, 'Australian dollar'), ('BHD', 3, 'Bahraini dinar'), ('BRL', 2, 'Brazilian real'),
  ('CAD', 2, 'Canadian dollar'), ('CHF', 2, 'Swiss franc'), ('CNY', 2, 'Chinese yuan'), ('CZK', 2, 'Czech koruna'),
  ('DKK', 2, 'Danish krone'), ('EGP', 2, 'Egyptian pound'), ('EUR', 2, 'Euro'), ('GBP', 2, 'Pound sterling'),
  ('GHS', 2, 'Ghanaian cedi'), ('HKD', 2, 'Hong Kong dollar'), ('IDR', 2, 'Indonesian rupiah'), ('ILS', 2, 'Israeli shekel'),
  ('INR', 2, 'Indian rupee'), ('JOD', 3, 'Jordanian dinar'), ('JPY', 0, 'Japanese yen'), ('KES', 2, 'Kenyan shilling'),
  ('KRW', 0, 'South Korean won'), ('KWD', 3, 'Kuwaiti dinar'), ('MXN', 2, 'Mexican peso'), ('NGN', 2, 'Nigerian naira'),
  ('NOK', 2, 'Norwegian krone'), ('NZD', 2, 'New Zealand dollar'), ('OMR', 3, 'Omani rial'), ('PHP', 2, 'Philippine peso'),
  ('PLN', 2, 'Polish zloty'), ('QAR', 2, 'Qatari riyal'), ('SAR', 2, 'Saudi riyal'), ('SEK', 2, 'Swedish krona'),
  ('SGD', 2, 'Singapore dollar'), ('THB', 2, 'Thai baht'), ('TND', 3, 'Tunisian dinar'), ('TRY', 2, 'Turkish lira'),
  ('USD', 2, 'US dollar'), ('VND', 0, 'Vietnamese dong'), ('XOF', 0, 'West African CFA franc'), ('ZAR', 2, 'South African rand')
on conflict (code) do update set name = excluded.name
  -- An exponent never changes: amounts already booked would change their meaning.
  where ledger.currencies.name is distinct from excluded.name;
