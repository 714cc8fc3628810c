import {
  fetch,
  isAmphisError,
  keep,
  kw,
  type PyChain,
  type PyObject,
  str,
  type Tensor,
  Tuple,
  typeOf,
} from "amphis";
import { expect, test } from "vitest";

import { rejection } from "../wait.ts";
import { exact, story } from "./story.ts";

const PACKAGES = "datasets linear_model model_selection pipeline preprocessing".split(" ");

story(
  "sklearn",
  (sklearn) => {
    sklearn.same(
      "a pipeline is trained on one part, judged on the other and searched for its best parameters",
      `
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
x, y = load_iris(return_X_y=True)
train, test, known, hidden = train_test_split(x, y, test_size=0.3, random_state=7, stratify=y)
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(train, known)
search = GridSearchCV(model, {"logisticregression__C": [0.1, 1.0]}, cv=3).fit(train, known)
result = {
    "score": model.score(test, hidden), "predicted": model.predict(test[:6]),
    "probabilities": model.predict_proba(test[:2]), "coefficients": model[-1].coef_,
    "confusion": confusion_matrix(hidden, model.predict(test)), "best": search.best_params_,
    "scores": search.cv_results_["mean_test_score"], "shape": train.shape,
}
`,
      async (py) => {
        const { load_iris } = await py.import("sklearn.datasets");
        const [x, y] = await load_iris(kw({ return_X_y: true }));
        const parts = kw({ test_size: 0.3, random_state: 7, stratify: y });
        const split = py.import("sklearn.model_selection").train_test_split;
        const [train, held, known, hidden]: Tensor[] = await split(x, y, parts);
        const scaler = py.import("sklearn.preprocessing").StandardScaler();
        const regression = py
          .import("sklearn.linear_model")
          .LogisticRegression(kw({ max_iter: 500 }));
        const pipeline = py.import("sklearn.pipeline").make_pipeline(scaler, regression);
        const model = await keep(pipeline.fit(train, known));
        const search = await py
          .import("sklearn.model_selection")
          .GridSearchCV(model, { logisticregression__C: [0.1, 1] }, kw({ cv: 3 }))
          .fit(train, known);
        const metrics = py.import("sklearn.metrics");
        const rows = held?.toNested() as unknown[];
        const some = (count: number): unknown => rows.slice(0, count);
        return {
          score: await model.score(held, hidden),
          predicted: exact((await model.predict(some(6))).toNested()),
          probabilities: (await model.predict_proba(some(2))).toNested(),
          coefficients: (await model.named_steps["logisticregression"].coef_).toNested(),
          confusion: exact(
            (await metrics.confusion_matrix(hidden, model.predict(held))).toNested(),
          ),
          best: await search.best_params_,
          scores: (await search.cv_results_).mean_test_score.toNested(),
          shape: train?.shape,
        };
      },
    );

    sklearn.same(
      "tables with texts and gaps are prepared column by column, and clusters are found",
      `
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder
frame = pd.DataFrame({"city": ["Ulm", "Køge", "Ulm", "Køge"], "km": [1.0, None, 3.0, 8.0]})
prepare = make_column_transformer(
    (OneHotEncoder(sparse_output=False), ["city"]), (SimpleImputer(strategy="median"), ["km"]),
)
prepared = prepare.fit_transform(frame)
means = KMeans(2, n_init=3, random_state=0).fit(prepared)
halves = FunctionTransformer(lambda x: x / 2).fit_transform(prepared)
result = {
    "prepared": prepared, "names": prepare.get_feature_names_out(), "halves": halves,
    "labels": means.labels_, "inertia": means.inertia_, "text": str(means), "params": means.get_params()["n_init"],
}
`,
      async (py) => {
        const pd = await py.import("pandas");
        const rows = { city: ["Ulm", "Køge", "Ulm", "Køge"], km: [1, null, 3, 8] };
        const frame = await pd.DataFrame(rows);
        const preprocessing = await py.import("sklearn.preprocessing");
        const impute = py.import("sklearn.impute").SimpleImputer(kw({ strategy: "median" }));
        const encode = preprocessing.OneHotEncoder(kw({ sparse_output: false }));
        const prepare = await py
          .import("sklearn.compose")
          .make_column_transformer(Tuple.of(encode, ["city"]), Tuple.of(impute, ["km"]));
        const prepared: Tensor = await prepare.fit_transform(frame);
        const options = kw({ n_init: 3, random_state: 0 });
        const means: PyObject = await py.import("sklearn.cluster").KMeans(2, options).fit(prepared);
        const half = (x: Tensor): PyChain => py.import("numpy").divide(x, 2);
        const halves = preprocessing.FunctionTransformer(half).fit_transform(prepared);
        return {
          prepared: prepared.toNested(),
          names: await fetch(prepare.get_feature_names_out()),
          halves: (await halves).toNested(),
          labels: Array.from((await means.labels_).view(), Number),
          inertia: await means.inertia_,
          text: await str(means),
          params: (await means.get_params()).n_init,
        };
      },
    );

    test("a model stays in Python, and is stored as bytes that make the same model again", async () => {
      const { py } = sklearn;
      const linear = py.import("sklearn.linear_model");
      const x = [[1], [2], [4]];
      const model = await keep(linear.LinearRegression().fit(x, [1.5, 2.5, 4.5]));
      expect(typeOf(model)).toBe("sklearn.linear_model._base.LinearRegression");
      const file = await py.import("io").BytesIO();
      await py.import("joblib").dump(model, file);
      const bytes: Uint8Array = await file.getvalue();
      expect(bytes.length).toBeGreaterThan(100);
      const again = py.import("joblib").load(py.import("io").BytesIO(bytes));
      const [first, second] = await Promise.all([model.predict([[8]]), again.predict([[8]])]);
      expect(second.toNested()).toEqual(first.toNested());
      expect(first.at(0)).toBeCloseTo(8.5, 9);
    });

    test("errors of scikit-learn have their exceptions, shapes and codes", async () => {
      const linear = await sklearn.py.import("sklearn.linear_model");
      const unfitted = await rejection(linear.LinearRegression().predict([[1]]));
      if (!isAmphisError(unfitted, "PYTHON_ERROR")) throw unfitted;
      expect(unfitted).toMatchObject({
        type: "NotFittedError",
        link: expect.stringMatching(/^\.predict\(/u),
      });
      const uneven = await rejection(linear.LinearRegression().fit([[1], [2]], [1]));
      if (!isAmphisError(uneven, "SHAPE_MISMATCH")) throw uneven;
      expect(uneven.type).toBe("ValueError");
      const gap = await rejection(linear.LinearRegression().fit([[NaN]], [1]));
      expect(gap).toMatchObject({ type: "ValueError", text: expect.stringContaining("NaN") });
      const option = await rejection(linear.LogisticRegression(kw({ C: "much" })).fit([[1]], [1]));
      expect(option).toMatchObject({ type: "InvalidParameterError" });
      const keyword = await rejection(linear.LogisticRegression(kw({ penalti: "l1" })));
      expect(isAmphisError(keyword, "PYTHON_ARGUMENTS_INVALID") && keyword.type).toBe("TypeError");
    });
  },
  { python: { packages: PACKAGES.map((name) => `sklearn.${name}`) } },
);
