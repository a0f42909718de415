//! The services of the middleware and their sizes.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use como_contract::service as contract;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::number::number_value;
use crate::refusal::Refusal;
use crate::schedule::Peak;

/// What a service of the middleware is called, as the key of its block in the file. Which there are is the contract's to say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceName(String);

impl ServiceName {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Something for each service, in the order of every listing; none can be forgotten, and none is there that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerService<T>(Vec<(ServiceName, T)>);

impl<T> PerService<T> {
    /// `None` when there is no such service.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.iter().find(|(known, _)| known.as_str() == name).map(|(_, value)| value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&ServiceName, &T)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    pub(crate) fn map<U>(self, mut f: impl FnMut(&ServiceName, T) -> U) -> PerService<U> {
        PerService(
            self.0
                .into_iter()
                .map(|(name, value)| {
                    let value = f(&name, value);
                    (name, value)
                })
                .collect(),
        )
    }
}

impl<T> PerService<Option<T>> {
    pub(crate) fn transpose(self) -> Option<PerService<T>> {
        self.0.into_iter().map(|(name, value)| Some((name, value?))).collect::<Option<_>>().map(PerService)
    }
}

/// By which the reader is asked for a block with a key for each service; it knows which there are.
pub(crate) const PER_SERVICE: &str = "PerService";

impl<'de, T: Deserialize<'de>> Deserialize<'de> for PerService<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Each<T> {
            type Value = PerService<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a block for each service")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PerService<T>, A::Error> {
                let mut services = Vec::new();
                while let Some((name, value)) = map.next_entry()? {
                    services.push((ServiceName(name), value));
                }
                Ok(PerService(services))
            }
        }

        deserializer.deserialize_struct(PER_SERVICE, &[], Each(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for PerService<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        PER_SERVICE.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let of = |service: contract::Service| {
            let mut schema = generator.subschema_for::<T>();
            schema.insert("description".to_owned(), service.definition().purpose.into());
            (service.name().to_owned(), schema.to_value())
        };
        let properties: serde_json::Map<String, serde_json::Value> =
            contract::Service::ALL.map(of).into_iter().collect();
        json_schema!({
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
            "required": contract::Service::NAMES,
        })
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The size and the number of a service's tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    size: TaskSize,
    tasks: TaskCount,
    scaling: Scaling,
    peaks: Vec<Peak>,
}

/// A pair that Fargate offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskSize {
    cpu: Cpu,
    memory: Memory,
}

/// 1024 units are one vCPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cpu(u32);

/// MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory(u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskCount(u16);

/// The least is never above the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaling {
    min: TaskCount,
    max: TaskCount,
}

impl Service {
    pub(crate) const fn new(size: TaskSize, tasks: TaskCount, scaling: Scaling, peaks: Vec<Peak>) -> Self {
        Self { size, tasks, scaling, peaks }
    }

    #[must_use]
    pub const fn size(&self) -> TaskSize {
        self.size
    }

    /// How many tasks a deploy starts with; autoscaling goes on from there.
    #[must_use]
    pub const fn tasks(&self) -> TaskCount {
        self.tasks
    }

    #[must_use]
    pub const fn scaling(&self) -> Scaling {
        self.scaling
    }

    /// Hours that are known to be busy, in the order of the file.
    #[must_use]
    pub fn peaks(&self) -> &[Peak] {
        &self.peaks
    }
}

impl TaskSize {
    /// CPU units, least memory, most memory, and the step between, in MiB.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html>
    const OFFERED: [(u32, u32, u32, u32); 7] = [
        (256, 512, 2048, 512),
        (512, 1024, 4096, 1024),
        (1024, 2048, 8192, 1024),
        (2048, 4096, 16_384, 1024),
        (4096, 8192, 30_720, 1024),
        (8192, 16_384, 61_440, 4096),
        (16_384, 32_768, 122_880, 8192),
    ];

    #[must_use]
    pub const fn cpu(self) -> Cpu {
        self.cpu
    }

    #[must_use]
    pub const fn memory(self) -> Memory {
        self.memory
    }

    fn memories(cpu: u32) -> Vec<u32> {
        let offered = Self::OFFERED.into_iter().filter(|(units, ..)| *units == cpu);
        let memories = offered.flat_map(|(_, least, most, step)| (least..=most).step_by(step as usize));
        // A quarter of a vCPU comes with 512, 1024 or 2048 MiB; the step would add 1536.
        memories.filter(|memory| cpu != 256 || *memory != 1536).collect()
    }
}

impl TryFrom<(Cpu, Memory)> for TaskSize {
    type Error = Refusal;

    fn try_from((cpu, memory): (Cpu, Memory)) -> Result<Self, Refusal> {
        let memories = Self::memories(cpu.0);
        if memories.contains(&memory.0) {
            return Ok(Self { cpu, memory });
        }
        let refusal = Refusal::new(format!("Fargate offers no task with {cpu} CPU units and {memory} MiB of memory"));
        let fitting = Self::OFFERED.iter().find(|(units, ..)| Self::memories(*units).contains(&memory.0));
        let refusal = refusal.accepting([format!("with `cpu: {cpu}`, `memory` {}", as_range(&memories))]);
        Err(match fitting {
            Some((units, ..)) => refusal.hint(format!("the smallest `cpu` with `memory: {memory}` is {units}")),
            None => refusal,
        })
    }
}

/// A short list in full, a long one by its ends.
fn as_range(numbers: &[u32]) -> String {
    match numbers {
        [first, second, _, .., last] if 4 < numbers.len() => {
            format!("{first} to {last} in steps of {}", second - first)
        }
        _ => numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

impl TryFrom<(TaskCount, TaskCount)> for Scaling {
    type Error = Refusal;

    fn try_from((min, max): (TaskCount, TaskCount)) -> Result<Self, Refusal> {
        let refusal = || Refusal::new(format!("`max` is {max}, less than `min`, which is {min}"));
        if min <= max { Ok(Self { min, max }) } else { Err(refusal()) }
    }
}

impl Scaling {
    #[must_use]
    pub const fn min(self) -> TaskCount {
        self.min
    }

    #[must_use]
    pub const fn max(self) -> TaskCount {
        self.max
    }
}

/// What Fargate offers at all; [`TaskSize`] knows which memory goes with which CPU.
const UNITS: [u32; 7] = [256, 512, 1024, 2048, 4096, 8192, 16_384];

number_value!(
    Cpu, u32, UNITS.map(|units| units.to_string()), |units| UNITS.contains(units), "a task's CPU units",
    { "type": "integer", "enum": UNITS }
);
number_value!(
    Memory, u32, ["a multiple of 512 from 512 to 122880"],
    |memory| (512..=122_880).contains(memory) && memory.is_multiple_of(512), "a task's memory in MiB",
    { "type": "integer", "minimum": 512, "maximum": 122_880, "multipleOf": 512 }
);
number_value!(
    TaskCount, u16, ["a whole number from 1 to 100"], |tasks| (1..=100).contains(tasks), "a number of tasks",
    { "type": "integer", "minimum": 1, "maximum": 100 }
);
