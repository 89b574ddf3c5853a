//! The search for the next wall time that a cron expression matches: by its years and months, then by the days of the month.

use jiff::civil::{Date, DateTime, Weekday, date};

use super::cron::{Cron, Days};

impl Cron {
    /// The first matching wall time strictly after `after`; `None` when there is none up to the year 2199.
    pub fn next_wall_time(&self, after: DateTime) -> Option<DateTime> {
        let months = self.years.numbers().iter().flat_map(|year| {
            let month = |month: &u16| date(*year as i16, *month as i8, 1);
            self.months.numbers().iter().map(month)
        });
        let dates = months.filter(|first| first.last_of_month() >= after.date()).flat_map(|first| self.days.of(first));
        dates.skip_while(|date| *date < after.date()).find_map(|date| self.times(date).find(|time| *time > after))
    }

    /// Whether any date matches at all; the 31st of February does not.
    pub fn has_dates(&self) -> bool {
        self.next_wall_time(DateTime::MIN).is_some()
    }

    /// The wall times of one date, in order.
    fn times(&self, date: Date) -> impl Iterator<Item = DateTime> {
        let hours = self.hours.numbers().iter();
        hours.flat_map(move |hour| {
            self.minutes.numbers().iter().map(move |minute| date.at(*hour as i8, *minute as i8, 0, 0))
        })
    }
}

impl Days {
    /// The days that match of the month that begins with `first`, in order.
    fn of(&self, first: Date) -> Vec<Date> {
        let last = first.last_of_month();
        let all = || (1..=last.day()).map(|day| date(first.year(), first.month(), day));
        match self {
            Days::Every => all().collect(),
            Days::OfMonth(values) => all().filter(|date| values.numbers().contains(&(date.day() as u16))).collect(),
            Days::Last => vec![last],
            Days::LastWeekday => all().rfind(|date| is_weekday(*date)).into_iter().collect(),
            Days::NearestWeekday(day) => {
                // Within the month: the 1st, a Saturday, gives the 3rd. A day that the month lacks gives none.
                let exists = *day <= last.day() as u16;
                let nearest = all().filter(|date| is_weekday(*date)).min_by_key(|date| day.abs_diff(date.day() as u16));
                nearest.filter(|_| exists).into_iter().collect()
            }
            Days::OfWeek(values) => all().filter(|date| values.numbers().contains(&number(date.weekday()))).collect(),
            Days::LastOfWeek(day) => all().rfind(|date| number(date.weekday()) == *day).into_iter().collect(),
            Days::Nth(day, nth) => {
                let mut same = all().filter(|date| number(date.weekday()) == *day);
                same.nth(usize::from(*nth) - 1).into_iter().collect()
            }
        }
    }
}

/// A day of the week as AWS counts it: 1 is Sunday.
fn number(weekday: Weekday) -> u16 {
    weekday.to_sunday_one_offset() as u16
}

fn is_weekday(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}
